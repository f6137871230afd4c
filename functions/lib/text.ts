/**
 * Measures, compares and folds texts of clients. The functions are pure, so the site may use them too.
 */

/** Letters that people take for a plain letter, although Unicode does not decompose them into one and an accent. */
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

/** @returns the length in code points: an emoji counts once */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** @returns whether the text has no control characters and no lone surrogates, which databases and terminals mishandle */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/**
 * Two e-mails that differ only in case have the same key.
 *
 * The text becomes upper case first, because only that makes ß equal to ss, and the two small sigmas equal to each other.
 */
export function emailKey(email: string): string {
  return email.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** @returns the text without accents and in lower case, for sorting and searching */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/[æœøłđðþħı]/g, (letter) => plainLetters[letter] ?? letter);
}
