import type { Messages } from '../i18n/index.ts';
import type { Problem } from './api-types.ts';

/** The rules of a user's fields, for a first answer while typing or importing; the API has the last word. */

export type FieldName = 'name' | 'email';
export type Fault = keyof Messages['field'];
export type Faults = Partial<Record<FieldName, string>>;

export const longest = 100;

const emailForm = /^[^\s@<>()[\]\\,;:"]+@[^\s@.]+(\.[^\s@.]+)+$/u;

export function checkName(name: string): Fault | undefined {
  return checkText(name.trim());
}

export function checkEmail(email: string): Fault | undefined {
  const trimmed = email.trim();
  return checkText(trimmed) ?? (emailForm.test(trimmed) ? undefined : 'email');
}

function checkText(text: string): Fault | undefined {
  if (text === '') return 'required';
  if ([...text].length > longest) return 'tooLong';
  return text.isWellFormed() && !/\p{Cc}/u.test(text) ? undefined : 'control';
}

/** The form that two spellings of one e-mail share. */
export function emailKey(email: string): string {
  return email.trim().normalize('NFKC').toUpperCase().toLowerCase();
}

/** What to say beside each field for a problem: in the reader's words where we know the fault, else in the API's. */
export function faultsOf(problem: Problem, values: Record<FieldName, string>, texts: Messages['field']): Faults {
  const faults: Faults = {};
  if (problem.status === 409) faults.email = texts.taken;
  for (const { field, message } of problem.errors ?? []) {
    const name = field.replace(/^\/|^body\.?/, '');
    if (name !== 'name' && name !== 'email') continue;
    // An e-mail that passes our check and not the API's is still no address; of a name, only the API knows the fault.
    const known = name === 'name' ? checkName(values.name) : (checkEmail(values.email) ?? 'email');
    faults[name] ??= known ? texts[known] : message;
  }
  return faults;
}
