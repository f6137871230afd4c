/**
 * Measures, cleans, compares and folds texts of clients. The functions are pure, so the site may use them too.
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

/** The apostrophe, the characters that keyboards and word processors write for it, and letters of names that look like it. */
const apostrophes = /['’‘‛ʼʻʽʾʿʹ′`´＇ꞌ՚׳]/gu;

/** The scripts whose letters a joiner (ZWJ, ZWNJ) shapes. Elsewhere a joiner has no effect that a reader could see. */
const joiningScripts = [
  ...['Adlm', 'Arab', 'Beng', 'Cakm', 'Deva', 'Gujr', 'Guru', 'Java', 'Khmr', 'Knda', 'Mand', 'Mlym', 'Mong', 'Mymr'],
  ...['Nkoo', 'Orya', 'Phag', 'Rohg', 'Sinh', 'Syrc', 'Taml', 'Telu', 'Tibt'],
];

/** Invisible characters that change what a reader sees of the character before them. */
const meaningful = [
  String.raw`(?<=(?=[\p{L}\p{M}])[${joiningScripts.map((script) => String.raw`\p{scx=${script}}`).join('')}])[\u200c\u200d]`,
  String.raw`(?<=\p{ExtPict}[\ufe0f\p{EMod}]?)\u200d(?=\p{ExtPict})`,
  String.raw`(?<=\p{Emoji})[\ufe0e\ufe0f]`,
  String.raw`(?<=\u{1f3f4}[\u{e0020}-\u{e007f}]{0,6})[\u{e0020}-\u{e007f}]`,
  String.raw`(?<=\p{sc=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=\p{sc=Mong})[\u180b-\u180f]`,
];
const invisible = new RegExp(String.raw`(${meaningful.join('|')})|[\p{DI}\ufff9-\ufffb]`, 'gu');

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
 * Removes characters that no reader can see, such as zero-width spaces, soft hyphens and marks of direction. They come with
 * copied text. Two texts that look the same must not differ by them.
 *
 * Joiners in scripts that need them, and the parts of an emoji, stay.
 */
export function removeInvisible(text: string): string {
  return text.replace(invisible, '$1');
}

/**
 * Two texts that differ only in case, in width or in invisible characters have the same result.
 *
 * The text becomes upper case in between, because only that makes ß equal to ss, and the two small sigmas equal to each other. It
 * becomes lower case before, because the capital ẞ is an upper case of its own.
 */
export function foldCase(text: string): string {
  return text
    .replace(/\p{DI}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');
}

/** Letters with an accent that people who lack the key write as two letters. */
const digraphs: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };

/** @returns the folded text, and the one with `ue` for `ü` and the like if it differs */
export function foldVariants(text: string): string[] {
  const spelledOut = text.normalize('NFC').replace(/[äöüøå]/giu, (letter) => digraphs[letter.toLowerCase()] ?? letter);
  return [...new Set([fold(text), fold(spelledOut)])];
}

/**
 * Splits a search into its words. Commas and brackets are no part of them: people paste `Souza, Ana <ana@example.com>`.
 * @returns each word with its spellings, of which a text must contain one; a search without any word is one word as it is,
 *   because a search for nothing would find everything
 */
export function searchWords(text: string): string[][] {
  const [plain = [], spelledOut = []] = foldVariants(text).map((variant) => variant.split(/[\s,;<>()"]+/));
  const words = plain
    .map((word, index) => [...new Set([word, spelledOut[index] ?? word])])
    .filter(([word]) => word !== '');
  if (words.length === 0 && text.trim() !== '') return [[text.trim()]];
  return [...new Map(words.map((spellings) => [spellings.join(' '), spellings])).values()];
}

/**
 * People leave an apostrophe out when they search for a name, and lists in alphabetical order ignore it.
 * @returns the text in lower case without accents and apostrophes, for sorting and searching
 */
export function fold(text: string): string {
  return text
    .replace(apostrophes, '')
    .normalize('NFKD')
    .replace(/[\p{M}\p{DI}]/gu, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/[æœøłđðþħı]/g, (letter) => plainLetters[letter] ?? letter);
}
