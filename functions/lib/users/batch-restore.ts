/** Restores many deleted users in one request, each as if it were restored alone. */
import type { Static } from 'typebox';
import type { Author } from '../current-request.ts';
import type { Connection } from '../database/engine.ts';
import { itemProblem } from '../http/problem.ts';
import type { UserBin } from './bin.ts';
import type { UserRestorationResult } from './bin-schema.ts';
import type { UserRepository } from './repository.ts';
import { EmailTaken, UserNotInBin } from './user-errors.ts';

/** The result of restoring one user. */
export type RestorationResult = Static<typeof UserRestorationResult>;

/**
 * Restores one user inside a write transaction, unless the bin does not have it or its e-mail is taken.
 * @param now ISO 8601 in UTC
 */
export async function restoreOne(
  connection: Connection,
  { users, bin }: { readonly users: UserRepository; readonly bin: UserBin },
  id: number,
  author: Author,
  now: string,
): Promise<RestorationResult> {
  const deleted = await bin.find(connection, id);
  if (deleted === undefined) return { status: 404, id, ...itemProblem(new UserNotInBin(id)) };
  const owner = await users.findOwner(connection, deleted.email);
  if (owner !== undefined) return { status: 409, id, ...itemProblem(new EmailTaken()), owner };
  const { version } = await users.restore(connection, deleted, author, now);
  return { status: 200, id, version };
}
