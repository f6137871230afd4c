/**
 * Copies a text to the clipboard.
 * @param source the element that shows the text: without TLS, browsers copy only what is selected on the page
 * @returns whether the text was copied
 */
export async function copyText(text: string, source: Element | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (!source) return false;
    getSelection()?.selectAllChildren(source);
    return document.execCommand('copy');
  }
}
