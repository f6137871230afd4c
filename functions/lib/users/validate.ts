/** Parses the bodies that create, replace or change a user. */
import { parserOf } from '../http/validation.ts';
import { UserInput, UserPatch } from './schema.ts';

/** @throws {InvalidRequest} with the fault of each field that is wrong, missing or unknown */
export const parseUserInput = parserOf(UserInput);

/** @throws {InvalidRequest} with the fault of each field that is wrong or unknown, or when there is no field at all */
export const parseUserPatch = parserOf(UserPatch);
