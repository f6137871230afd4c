/** Parses the bodies that create, replace or change a user. */
import { parserOf } from '../http/validation.ts';
import { checkField, cleanField } from './accept.ts';
import { UserInput, UserPatch } from './schema.ts';

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
