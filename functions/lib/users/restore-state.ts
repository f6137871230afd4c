/** Brings back the state that a user had before a change. */
import type { Author } from '../current-request.ts';
import type { Connection } from '../database/engine.ts';
import { unwrap } from '../database/unwrap.ts';
import { PreconditionFailed } from '../errors.ts';
import type { UserBin } from './bin.ts';
import type { UserHistory } from './history.ts';
import type { UserRepository } from './repository.ts';
import type { User } from './types.ts';
import { EmailTaken, NoEarlierState, UserChangeNotFound, UserNotFound } from './user-errors.ts';
import { etagOf, type Precondition } from './version.ts';

/** Names the state before a change of a user. */
export interface StateRestoration {
  readonly id: number;
  readonly change: number;
  readonly precondition: Precondition;
  readonly author: Author;
}

interface Queries {
  readonly users: UserRepository;
  readonly bin: UserBin;
  readonly history: UserHistory;
}

/**
 * Restores a state inside a write transaction, also of a user in the bin. A user that has this state already stays as it is.
 * @param now milliseconds since 1970
 * @throws {UserChangeNotFound} when the history of the user does not have the change
 * @throws {NoEarlierState} when the change created the user, or brought it back from the bin
 * @throws {UserNotFound} when the user is neither in the directory nor in the bin
 * @throws {PreconditionFailed} when the precondition refuses the current version
 * @throws {EmailTaken} when another user has the e-mail
 */
export async function restoreState(
  connection: Connection,
  { users, bin, history }: Queries,
  { id, change, precondition, author }: StateRestoration,
  now: number,
): Promise<User> {
  const found = await history.find(connection, id, change, now);
  if (found === undefined) throw new UserChangeNotFound(id, change);
  if (found.before === null) throw new NoEarlierState(change);
  const { name, email } = found.before;
  const time = new Date(now).toISOString();
  const current = await users.find(connection, id);
  if (current !== undefined) {
    const isSame = current.name === name && current.email === email;
    if (isSame && precondition(current.version)) return current;
    const update = { id, patch: { name, email }, precondition, author, restores: true };
    return unwrap((await users.update(connection, [update], time))[0]);
  }
  const deleted = await bin.find(connection, id);
  if (deleted === undefined) throw new UserNotFound(id);
  if (!precondition(deleted.version)) throw new PreconditionFailed(etagOf(deleted.version));
  if ((await users.findOwner(connection, email)) !== undefined) throw new EmailTaken();
  return users.restore(connection, { ...deleted, name, email }, author, time);
}
