/** Parses the bodies that create, replace or change a user. */
import type { FieldFault } from '../errors.ts';
import { InvalidRequest } from '../errors.ts';
import { parserOf } from '../http/validation.ts';
import { type FieldName, type FieldRule, faultMessages, userFields } from './fields.ts';
import { UserInput, UserPatch } from './schema.ts';
import type * as types from './types.ts';

/** @throws {InvalidRequest} with the fault of each field that is wrong, missing or unknown */
export const parseUserInput = parserOf(UserInput, { clean: cleanField, check: checkField });

/**
 * Parses a replacement. `acceptChange` checks its texts, when the stored ones are known.
 * @throws {InvalidRequest} with the fault of each field that is missing, unknown or no text
 */
export const parseUserReplacement = parserOf(UserInput);

/**
 * Parses a merge patch. `acceptChange` checks its texts, when the stored ones are known.
 * @throws {InvalidRequest} with the fault of each field that is unknown or no text, or when there is no field at all
 */
export const parseUserPatch = parserOf(UserPatch);

/**
 * Applies a change to a user. A text that the change repeats as it is stored stays, even if the rules for new texts refuse it.
 * @param current the stored user
 * @param change trimmed texts
 * @returns the user's new name and e-mail
 * @throws {InvalidRequest} with the fault of each new text that the rules refuse
 */
export function acceptChange(current: types.UserInput, change: types.UserPatch): types.UserInput {
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

function cleanField(field: string, text: string): string {
  return ruleOf(field)?.clean(text) ?? text.trim();
}

function checkField(field: string, text: string): FieldFault[] {
  const code = ruleOf(field)?.faultOf(text);
  return code === undefined ? [] : [{ field, code, message: faultMessages[code] }];
}
