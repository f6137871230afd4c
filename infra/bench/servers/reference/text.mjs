/** Texts of a given size. Every server keeps those that it was asked for, so that making one costs nothing. */

const texts = new Map();

/** @param bytes a number as text */
export function textOf(bytes) {
  let text = texts.get(bytes);
  if (text === undefined) {
    text = 'x'.repeat(Number(bytes));
    texts.set(bytes, text);
  }
  return text;
}
