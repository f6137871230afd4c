/**
 * Parses the bodies that create, update, delete or restore many users. Only the functions that need it import this file: the
 * schema library takes long to load.
 */
import { type FieldFault, InvalidRequest } from '../errors.ts';
import { parserOf } from '../http/validation.ts';
import { parseListQuery } from '../resources/list-query.ts';
import type { BatchRow, KeyedInput, UserBatch } from './batch.ts';
import type { UserDeletion } from './batch-delete.ts';
import { maxBatchUsers, UncheckedUserBatch, UserDeletion as UserDeletionSchema } from './batch-schema.ts';
import { UserRestoration } from './bin-schema.ts';
import { emailKey } from './email.ts';
import { userSortColumns } from './resource.ts';
import { parseUserInput, parseUserReplacement } from './validate.ts';

const parseUnchecked = parserOf(UncheckedUserBatch);
const parseDeletion = parserOf(UserDeletionSchema);
const userFields = ['name', 'email'];

/** @throws {InvalidRequest} when the body is not a list of 1 to 1000 ids */
export const parseUserRestoration = parserOf(UserRestoration);

/**
 * Checks the body of POST /users/batch.
 * @throws {InvalidRequest} when the body as a whole is not valid; a row that is not valid keeps its faults
 */
export function parseUserBatch(body: unknown): UserBatch {
  const { users, existing = 'refuse', validateOnly = false } = parseUnchecked(body);
  return { rows: users.map(parseRow), existing, validateOnly };
}

/**
 * Checks the body of POST /users/batch-delete.
 * @throws {InvalidRequest} with the fault of each field, or when the body has not exactly one of `users`, `q` and `all`
 */
export function parseUserDeletion(body: unknown): UserDeletion {
  const { users, q, all = false } = parseDeletion(body);
  if ([users !== undefined, q !== undefined, all].filter(Boolean).length !== 1) {
    throw new InvalidRequest([{ field: 'body', message: 'must have exactly one of users, q and all' }]);
  }
  if (users !== undefined) return { users };
  // A program whose search is empty by mistake must not delete everybody.
  if (q === '') throw new InvalidRequest([{ field: 'q', message: 'must not be empty; to delete all users send all' }]);
  return { query: parseListQuery({ q: q ?? '', sort: 'id', limit: String(maxBatchUsers) }, userSortColumns) };
}

function parseRow(value: unknown): BatchRow {
  try {
    const user = parseUserInput(value);
    return { user, emailKey: emailKey(user.email) };
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    const replacement = readReplacement(value);
    return { value, errors: fewFaults(error.errors), ...(replacement && { replacement }) };
  }
}

/** Reads a row that an existing user may get although the rules refuse it for a new one. @returns undefined for other values */
function readReplacement(value: unknown): KeyedInput | undefined {
  try {
    const user = parseUserReplacement(value);
    // PostgreSQL stores no such text, and fails to look for it.
    if (!user.email.isWellFormed() || user.email.includes('\0')) return undefined;
    return { user, emailKey: emailKey(user.email) };
  } catch (error) {
    if (error instanceof InvalidRequest) return undefined;
    throw error;
  }
}

/** Keeps the fault of one unknown field at most: their names come from the client, and the answer must not become too large. */
function fewFaults(faults: readonly FieldFault[]): FieldFault[] {
  const unknown = faults.find(({ field }) => !userFields.includes(field));
  return [...faults.filter(({ field }) => userFields.includes(field)), ...(unknown === undefined ? [] : [unknown])];
}
