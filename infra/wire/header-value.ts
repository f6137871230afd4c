/** The check for texts that one process sends and the router writes into an HTTP header. */

/**
 * Tells whether Node.js can write a text as an HTTP header's value. A line break would let the text add headers of its
 * own (response splitting), and Node.js throws for it.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-field-values
 */
export function isHeaderValue(text: string): boolean {
  return !/[^\t -~\x80-\xff]/.test(text);
}
