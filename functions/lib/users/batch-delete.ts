/** Deletes many users at once: reads the request, and decides what happens to each user. */
import type { Static } from 'typebox';
import type { Connection } from '../database/sqlite/connection.ts';
import { InvalidRequest } from '../errors.ts';
import { problemType } from '../http/problem.ts';
import { parserOf } from '../http/validation.ts';
import { type ListQuery, parseListQuery } from '../resources/list-query.ts';
import { maxBatchUsers, type UserDeletionResult, UserDeletion as UserDeletionSchema } from './batch-schema.ts';
import type { UserRepository } from './repository.ts';
import { userSortColumns } from './resource.ts';

/** A user to delete; one with a version only if it is the current one. */
export interface DeletionTarget {
  readonly id: number;
  readonly version?: number;
}

/** The users to delete, by id or by a search. */
export type UserDeletion = { readonly users: readonly DeletionTarget[] } | { readonly query: ListQuery };

/** What happened to one user. */
export type DeletionResult = Static<typeof UserDeletionResult>;

/** What happened to each user, and how many more match the search. */
export interface DeletionResults {
  readonly results: readonly DeletionResult[];
  readonly left: number;
}

const parseDeletion = parserOf(UserDeletionSchema);

/**
 * Checks the body of POST /users/batch-delete.
 * @throws {InvalidRequest} with the fault of each field, or when the body has not exactly one of `users` and `q`
 */
export function parseUserDeletion(body: unknown): UserDeletion {
  const { users, q } = parseDeletion(body);
  if (users !== undefined && q === undefined) return { users };
  if (users !== undefined || q === undefined) {
    throw new InvalidRequest([{ field: 'body', message: 'must have either users or q' }]);
  }
  return { query: parseListQuery({ q, sort: 'id', limit: String(maxBatchUsers) }, userSortColumns) };
}

/**
 * Deletes one user inside a write transaction, unless there is none or it has another version.
 * @param now ISO 8601 in UTC
 */
export function deleteOne(
  connection: Connection,
  users: UserRepository,
  { id, version }: DeletionTarget,
  now: string,
): DeletionResult {
  const current = users.find(connection, id);
  if (current === undefined) return refused(404, id, 'UserNotFound', `There is no user ${id}.`);
  if (version !== undefined && version !== current.version) {
    const detail = `The user has the version ${current.version}, not ${version}.`;
    return { ...refused(412, id, 'PreconditionFailed', detail), version: current.version };
  }
  users.delete(connection, id, () => true, now);
  return { status: 204, id };
}

function refused(status: DeletionResult['status'], id: number, errorName: string, detail: string): DeletionResult {
  return { status, id, type: problemType(errorName), detail };
}
