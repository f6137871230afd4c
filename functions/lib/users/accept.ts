/** Checks the texts of a user by the rules of fields.ts, and says what is wrong with them. */
import { type FieldFault, InvalidRequest } from '../errors.ts';
import { type FieldName, type FieldRule, faultMessages, userFields } from './fields.ts';
import type { UserInput, UserPatch } from './types.ts';

/**
 * Applies a change to a user. A text that the change repeats as it is stored stays, even if the rules for new texts refuse it.
 * @param current the stored user
 * @param change trimmed texts
 * @returns the user's new name and e-mail
 * @throws {InvalidRequest} with the fault of each new text that the rules refuse
 */
export function acceptChange(current: UserInput, change: UserPatch): UserInput {
  const accepted = { name: current.name, email: current.email };
  const faults: FieldFault[] = [];
  for (const field of ['name', 'email'] as const) {
    const text = change[field];
    if (text === undefined || text === current[field]) continue;
    accepted[field] = cleanField(field, text);
    if (accepted[field] !== current[field]) faults.push(...checkField(field, accepted[field]));
  }
  if (faults.length > 0) throw new InvalidRequest(faults);
  return accepted;
}

function ruleOf(field: string): FieldRule | undefined {
  return Object.hasOwn(userFields, field) ? userFields[field as FieldName] : undefined;
}

/** @returns the text as it is stored */
export function cleanField(field: string, text: string): string {
  return ruleOf(field)?.clean(text) ?? text.trim();
}

/** @param text cleaned @returns the fault of the text, if it has one */
export function checkField(field: string, text: string): FieldFault[] {
  const code = ruleOf(field)?.faultOf(text);
  return code === undefined ? [] : [{ field, code, message: faultMessages[code] }];
}
