/** Removes everything that the database holds of a person. Only the id and two times stay, in the list of erased users. */
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

/** An entry of the list of erased users. */
export interface ErasedUser {
  readonly id: number;
  /** When the user was created; null if that is not known. Another user with the same id was created at another time. */
  readonly createdAt: string | null;
  readonly erasedAt: string;
}

/**
 * Erases a user inside a transaction: from the directory, the bin, the history, and the kept answers to requests.
 * @param now ISO 8601 in UTC
 * @returns undefined when nothing of a user with this id is kept
 * @see infra/docs/decisions/052-history.md
 */
export async function eraseUser(connection: Connection, id: number, now: string): Promise<Erasure | undefined> {
  const emails = await emailsOfUser(connection, id);
  const createdAt = (await findCreation(connection, id)) ?? null;
  const users = await deleteFrom(connection, 'users', 'id', id);
  const deleted = await deleteFrom(connection, 'users_bin', 'id', id);
  const { changes } = await connection.run(`DELETE FROM user_changes WHERE id IN (${changesOfUser})`, id, id);
  await deleteFrom(connection, 'user_change_index', 'user_id', id);
  if (users + deleted + changes === 0) return undefined;
  await forgetAnswers(connection, id);
  await keepErased(connection, { id, createdAt, erasedAt: now });
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

/** @returns all erased users, by id */
export async function listErased(connection: Connection): Promise<ErasedUser[]> {
  return connection.all<Row & ErasedUser>(
    `SELECT user_id AS id, created_at AS "createdAt", erased_at AS "erasedAt" FROM erasures
     UNION ALL SELECT user_id, NULL, erased_at FROM erased_users ORDER BY 1, 3`,
  );
}

/**
 * Erases a user again whom a backup may have brought back, unless the id belongs to somebody else now.
 * @param erased an entry of the list of this or another database
 * @returns undefined when nothing was erased
 */
export async function eraseAgain(connection: Connection, erased: ErasedUser): Promise<Erasure | undefined> {
  return (await isOther(connection, erased)) ? undefined : eraseUser(connection, erased.id, erased.erasedAt);
}

/** Adds an entry to the list of erased users. */
export async function keepErased(connection: Connection, { id, createdAt, erasedAt }: ErasedUser): Promise<void> {
  await (createdAt === null
    ? connection.run(
        'INSERT INTO erased_users (user_id, erased_at) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING',
        id,
        erasedAt,
      )
    : connection.run(
        `INSERT INTO erasures (user_id, created_at, erased_at) VALUES (?, ?, ?)
         ON CONFLICT (user_id, created_at) DO NOTHING`,
        id,
        createdAt,
        erasedAt,
      ));
}

/** @returns whether the user with the id of an erased one is somebody else */
export async function isOther(connection: Connection, { id, createdAt, erasedAt }: ErasedUser): Promise<boolean> {
  const found = await findCreation(connection, id);
  if (found === undefined) return false;
  return createdAt === null ? found > erasedAt : found !== createdAt;
}

/** @returns when a user was created, also one in the bin or in the history alone; undefined when nothing tells */
async function findCreation(connection: Connection, id: number): Promise<string | undefined> {
  const row = await connection.get<Row & { at: string }>(
    `SELECT created_at AS at FROM users WHERE id = ? UNION ALL SELECT created_at FROM users_bin WHERE id = ?
     UNION ALL SELECT changed_at FROM user_changes WHERE id IN (${changesOfUser}) AND action = 'create'`,
    ...[id, id, id, id],
  );
  return row?.at;
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
