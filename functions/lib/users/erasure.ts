/** Removes everything that the database holds of a person. Only the id stays, in the list of erased users. */
import type { Connection, Row } from '../database/engine.ts';
import { recordChange, storeChanges } from '../database/resources.ts';
import { changesOfUser } from './change-index.ts';
import { binResource, userResource } from './resource.ts';
import type { UserState } from './types.ts';

/** The result of an erasure. */
export interface Erasure {
  /** Every e-mail that the person had, as far as it was kept. */
  readonly emails: readonly string[];
  /** The number of changes that the history held. */
  readonly changes: number;
}

/**
 * Erases a user inside a transaction: from the directory, the bin, the history, and the kept answers to requests.
 * @param now ISO 8601 in UTC
 * @returns undefined when nothing of a user with this id is kept
 * @see infra/docs/decisions/052-history.md
 */
export async function eraseUser(connection: Connection, id: number, now: string): Promise<Erasure | undefined> {
  const emails = await emailsOfUser(connection, id);
  const users = await deleteFrom(connection, 'users', 'id', id);
  const deleted = await deleteFrom(connection, 'users_bin', 'id', id);
  const { changes } = await connection.run(`DELETE FROM user_changes WHERE id IN (${changesOfUser})`, id, id);
  await deleteFrom(connection, 'user_change_index', 'user_id', id);
  if (users + deleted + changes === 0) return undefined;
  await forgetAnswers(connection, id);
  await markErased(connection, id, now);
  if (users > 0) recordChange(connection, userResource, -users);
  if (deleted > 0) recordChange(connection, binResource, -deleted);
  await storeChanges(connection);
  return { emails, changes };
}

/** Removes the answers kept for an Idempotency-Key that have the user, and with them the other users of the same answers. */
async function forgetAnswers(connection: Connection, id: number): Promise<void> {
  await connection.run(
    'DELETE FROM idempotency_keys WHERE resource = ? AND (answer LIKE ? OR answer LIKE ?)',
    userResource.name,
    `%"id":${id},%`,
    `%"id":${id}}%`,
  );
}

/** @returns the ids of all erased users, with the time of each erasure */
export async function listErased(connection: Connection): Promise<{ id: number; erasedAt: string }[]> {
  return connection.all<Row & { id: number; erasedAt: string }>(
    'SELECT user_id AS id, erased_at AS "erasedAt" FROM erased_users ORDER BY user_id',
  );
}

/**
 * Erases users again whose data a backup has brought back.
 * @param erased the list from before the restoration; the list of the backup counts, too
 * @returns the highest id of all erased users, which must not be given out again; 0 if there is none
 */
export async function eraseAgain(
  connection: Connection,
  erased: readonly { readonly id: number; readonly erasedAt: string }[],
): Promise<number> {
  const all = [...erased, ...(await listErased(connection))];
  for (const { id, erasedAt } of all) {
    await markErased(connection, id, erasedAt);
    await eraseUser(connection, id, erasedAt);
  }
  return Math.max(0, ...all.map(({ id }) => id));
}

/** @returns every e-mail that a person has or had, as far as it is kept */
export async function emailsOfUser(connection: Connection, id: number): Promise<string[]> {
  const rows = await connection.all<Row & { email: string }>(
    'SELECT email FROM users WHERE id = ? UNION ALL SELECT email FROM users_bin WHERE id = ?',
    id,
    id,
  );
  const states = await connection.all<Row & { before: string | null; after: string | null }>(
    `SELECT before, after FROM user_changes WHERE id IN (${changesOfUser})`,
    id,
    id,
  );
  const kept = states.flatMap(({ before, after }) => [before, after]).filter((json) => json !== null);
  return [...new Set([...rows, ...kept.map((json) => JSON.parse(json) as UserState)].map(({ email }) => email))];
}

async function deleteFrom(connection: Connection, table: string, column: string, id: number): Promise<number> {
  return (await connection.run(`DELETE FROM ${table} WHERE ${column} = ?`, id)).changes;
}

async function markErased(connection: Connection, id: number, now: string): Promise<void> {
  await connection.run(
    'INSERT INTO erased_users (user_id, erased_at) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING',
    id,
    now,
  );
}
