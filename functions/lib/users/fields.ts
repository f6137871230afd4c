/**
 * The rules of a user's name and e-mail address. The API, the site and its import share them, so the functions are pure.
 * @see infra/docs/decisions/031-names-and-addresses.md
 */
import { isPlainText, lengthOf, removeInvisible } from '../text.ts';
import { type EmailFault, emailFormFault, maxLocalPartBytes } from './email.ts';

/** A field that people fill in. */
export type FieldName = 'name' | 'email';
/** A fault of a field, by its stable code: the API reports it, and the site has a text for it in each language. */
export type FaultCode = 'required' | 'tooLong' | 'unreadable' | 'control' | 'marks' | EmailFault;

/** The rules of one field. */
export interface FieldRule {
  /** @returns the text as it is stored: trimmed, without invisible characters */
  readonly clean: (text: string) => string;
  /** @param text cleaned @returns undefined when the text keeps the rules */
  readonly faultOf: (text: string) => FaultCode | undefined;
}

/** The longest name and the longest e-mail, in code points. */
export const maxCharacters = 100;
/** Vietnamese needs two accents on a letter, and phonetic scripts three. */
const maxAccents = 4;
/** Burmese and Tibetan letters carry up to six marks of their own script. */
const maxMarks = 8;
const overloaded = new RegExp(String.raw`(?:(?=\p{sc=Zinh})\p{M}){${maxAccents + 1}}|\p{M}{${maxMarks + 1}}`, 'u');
/** A character with a glyph of its own. The blank Braille pattern has none. */
const visible = /(?!\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;

/** The rules of each field. */
export const userFields: Readonly<Record<FieldName, FieldRule>> = {
  name: {
    // A name is one line. A line break comes from a cell of a spreadsheet.
    clean: (text) =>
      removeInvisible(text)
        .replace(/[^\S\u3000]+/g, ' ')
        .trim(),
    faultOf: textFault,
  },
  email: {
    clean: (text) => removeInvisible(text).trim(),
    faultOf: (text) => textFault(text) ?? emailFormFault(text),
  },
};

/** The English sentence for each fault, which continues the field's name. */
export const faultMessages: Readonly<Record<FaultCode, string>> = {
  required: 'must not be empty',
  tooLong: `must have at most ${maxCharacters} characters`,
  unreadable: 'must not contain U+FFFD, which stands for a character that was lost when a program read the text',
  control: 'must not contain control characters',
  marks: `must not have more than ${maxAccents} accents or ${maxMarks} marks on one letter`,
  email: 'must be a valid e-mail address',
  localPart: `must have at most ${maxLocalPartBytes} bytes of UTF-8 before the @`,
  domain: 'must have a valid domain after the @',
};

function textFault(text: string): FaultCode | undefined {
  if (!visible.test(text)) return isPlainText(text) ? 'required' : 'control';
  if (lengthOf(text) > maxCharacters) return 'tooLong';
  if (text.includes('\ufffd')) return 'unreadable';
  if (!isPlainText(text)) return 'control';
  return overloaded.test(text.normalize('NFD').replace(/[\u200c\u200d]/g, '')) ? 'marks' : undefined;
}
