/** Shortens texts of strangers, which can be of any length. */

/** @returns the text, or its beginning with an ellipsis, in at most `maxCharacters` UTF-16 code units */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const head = text.slice(0, maxCharacters - 1);
  // Half of a surrogate pair is no character.
  return `${head.replace(/[\ud800-\udbff]$/, '')}…`;
}
