/** Deletes many users in one request, each as if it were deleted alone. */
import type { Static } from 'typebox';
import type { Author } from '../current-request.ts';
import type { Connection } from '../database/engine.ts';
import { unwrap } from '../database/unwrap.ts';
import { itemProblem } from '../http/problem.ts';
import type { ListQuery } from '../resources/list-query.ts';
import type { UserDeletionResult } from './batch-schema.ts';
import { emailKey } from './email.ts';
import type { UserRepository } from './repository.ts';
import { UserNotFound } from './user-errors.ts';

/**
 * A user to delete. With a version or an e-mail, the user is deleted only if it has them: after the restoration of a backup both an id and
 * a version can come to somebody else.
 */
export interface DeletionTarget {
  readonly id: number;
  readonly version?: number;
  readonly email?: string;
}

/** The users to delete, by id or by a search. */
export type UserDeletion = { readonly users: readonly DeletionTarget[] } | { readonly query: ListQuery };

/** The result of deleting one user. */
export type DeletionResult = Static<typeof UserDeletionResult>;

/** The result for each user, and the least number of further users that match the search. */
export interface DeletionResults {
  readonly results: readonly DeletionResult[];
  readonly left: number;
}

/**
 * Deletes one user inside a write transaction, unless there is none or it has another version or e-mail.
 * @param now ISO 8601 in UTC
 */
export async function deleteOne(
  connection: Connection,
  users: UserRepository,
  { id, version, email }: DeletionTarget,
  author: Author,
  now: string,
): Promise<DeletionResult> {
  const current = await users.find(connection, id);
  if (current === undefined) return { status: 404, id, ...itemProblem(new UserNotFound(id)) };
  const hasVersion = version === undefined || version === current.version;
  const hasEmail = email === undefined || emailKey(email) === emailKey(current.email);
  if (!hasVersion || !hasEmail) {
    const message = hasVersion
      ? 'The user has another e-mail.'
      : `The user has the version ${current.version}, not ${version}.`;
    return { status: 412, id, ...itemProblem({ name: 'PreconditionFailed', message }), version: current.version };
  }
  const [result] = await users.delete(connection, [{ id, precondition: () => true, author }], now);
  unwrap(result);
  return { status: 204, id };
}
