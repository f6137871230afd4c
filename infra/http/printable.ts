/** Escapes control characters in texts of strangers, for lines that a person reads at a terminal. */

/** Control characters and line ends. A terminal obeys them: they move the cursor, change the title, or forge a line. */
const controlCharacters = /[\p{Cc}\u2028\u2029]/gu;
/** Those that a text of several lines may not have. */
const otherThanLines = /(?![\n\t])[\p{Cc}\u2028\u2029]/gu;

/** @returns the text as one line: ESC becomes \u001b, and a line end \u000a */
export function printableLine(text: string): string {
  return text.replace(controlCharacters, hexadecimal);
}

/** @returns the text with its lines and tabs, and without other control characters */
export function printableText(text: string): string {
  return text.replace(otherThanLines, hexadecimal);
}

function hexadecimal(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
