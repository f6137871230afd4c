/** Checks the fields of a user while the reader types or imports. The API checks them again and decides. */
import type { Messages } from '../i18n/index.ts';
import type { Problem } from './api-types.ts';

/** A field of the form. */
export type FieldName = 'name' | 'email';
/** A fault that the catalogue has a text for. */
export type Fault = keyof Messages['field'];
/** The text of the fault of each field. */
export type Faults = Partial<Record<FieldName, string>>;

/** The limit of both fields, in Unicode code points. */
const maxCharacters = 100;

const emailForm = /^[^\s@<>()[\]\\,;:"]+@[^\s@.]+(\.[^\s@.]+)+$/u;

/** @returns the fault of a name, or undefined */
export function checkName(name: string): Fault | undefined {
  return checkText(name.trim());
}

/** @returns the fault of an e-mail, or undefined */
export function checkEmail(email: string): Fault | undefined {
  const trimmed = email.trim();
  return checkText(trimmed) ?? (emailForm.test(trimmed) ? undefined : 'email');
}

function checkText(text: string): Fault | undefined {
  if (text === '') return 'required';
  if ([...text].length > maxCharacters) return 'tooLong';
  return text.isWellFormed() && !/\p{Cc}/u.test(text) ? undefined : 'control';
}

/** @returns a key that is equal for all spellings of one e-mail */
export function emailKey(email: string): string {
  return email.trim().normalize('NFKC').toUpperCase().toLowerCase();
}

/** Finds the faults that a problem names: in the reader's language where we know the fault, else in the API's words. */
export function faultsOf(problem: Problem, values: Record<FieldName, string>, texts: Messages['field']): Faults {
  const faults: Faults = {};
  if (problem.status === 409) faults.email = texts.taken;
  for (const { field, message } of problem.errors ?? []) {
    const name = field.replace(/^\/|^body\.?/, '');
    if (name !== 'name' && name !== 'email') continue;
    // The API refuses some e-mails that our check accepts: they are malformed. Why it refuses such a name, only it knows.
    const known = name === 'name' ? checkName(values.name) : (checkEmail(values.email) ?? 'email');
    faults[name] ??= known ? texts[known] : message;
  }
  return faults;
}
