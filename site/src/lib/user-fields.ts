/** Says in the reader's language what is wrong with the fields of a user. */
import { emailKey } from '../../../functions/lib/users/email.ts';
import { type FaultCode, type FieldName, userFields } from '../../../functions/lib/users/fields.ts';
import type { Messages } from '../i18n/index.ts';
import type { Problem } from './api-types.ts';

export { emailKey, type FieldName };

/** A fault that the catalogue has a text for. */
export type Fault = FaultCode | 'taken';
/** The text of the fault of each field. */
export type Faults = Partial<Record<FieldName, string>>;

/** @returns the text as the API stores it */
export function cleanField(field: FieldName, text: string): string {
  return userFields[field].clean(text);
}

/** @returns the fault of a text, or undefined. The API checks it again and decides. */
export function checkField(field: FieldName, text: string): Fault | undefined {
  return userFields[field].faultOf(cleanField(field, text));
}

/** Finds the faults that a problem names: in the reader's language where we know the fault, else in the API's words. */
export function faultsOf(problem: Problem, texts: Messages['field']): Faults {
  const faults: Faults = {};
  for (const { field, code, message } of problem.errors ?? []) {
    if (field !== 'name' && field !== 'email') continue;
    faults[field] ??= code !== undefined && isFault(code, texts) ? texts[code] : message;
  }
  return faults;
}

function isFault(code: string, texts: Record<Fault, string>): code is Fault {
  return Object.hasOwn(texts, code);
}
