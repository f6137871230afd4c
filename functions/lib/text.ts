/**
 * How names and e-mails are measured, compared and searched.
 */

/** Letters that Unicode does not take apart into a letter and an accent, though readers do. */
const plainLetters: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
};

/** @returns the length in characters (code points), so that an emoji counts once */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** Without control characters and halves of surrogate pairs, which no database or terminal takes well. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/**
 * The form that makes two spellings of one e-mail equal, whatever their case.
 * Upper case comes first because it unites what lower case keeps apart, such as ß and ss, or the two small sigmas.
 */
export function emailKey(email: string): string {
  return email.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** The form that sorting and searching go by: without accents and case. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/[æœøłđðþħı]/g, (letter) => plainLetters[letter] ?? letter);
}
