/** Sessions of people who have signed in. Each function is one piece of work on a connection. */
import type { Connection, Row } from '../database/engine.ts';
import { type Credential, isGenuine, newCredential } from './credentials.ts';
import type { Role } from './roles.ts';

/** How long sessions live. */
export interface SessionRules {
  /** Since the last request. */
  readonly idleMs: number;
  /** Since the sign-in. */
  readonly maxMs: number;
}

/** An active session, and the person whose it is. */
export interface ActiveSession {
  readonly personId: number;
  readonly personName: string;
  readonly role: Role;
  readonly usedAt: string;
  readonly expiresAt: string;
}

type SessionRow = Row & {
  secret_hash: string;
  used_at: string;
  expires_at: string;
  id: number;
  name: string;
  role: Role;
};

/** The time of the last use is written at most so often, because most requests only read. */
const touchAfterMs = 60_000;

/** @param now milliseconds since 1970 */
export async function beginSession(
  connection: Connection,
  personId: number,
  { maxMs }: SessionRules,
  now: number,
): Promise<{ token: string; expiresAt: string }> {
  const { text, id, secretHash } = newCredential('session');
  const [createdAt, expiresAt] = [iso(now), iso(now + maxMs)];
  await connection.run('DELETE FROM sessions WHERE expires_at < ?', createdAt);
  await connection.run(
    'INSERT INTO sessions (id, secret_hash, person_id, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[id, secretHash, personId, createdAt, createdAt, expiresAt],
  );
  return { token: text, expiresAt };
}

/** @returns undefined when the session has ended, or its person is disabled */
export async function findSession(
  connection: Connection,
  credential: Credential,
  { idleMs }: SessionRules,
  now: number,
): Promise<ActiveSession | undefined> {
  const row = await connection.get<SessionRow>(
    `SELECT sessions.secret_hash, sessions.used_at, sessions.expires_at, people.id, people.name, people.role
      FROM sessions JOIN people ON people.id = sessions.person_id
      WHERE sessions.id = ? AND people.disabled_at IS NULL`,
    credential.id,
  );
  if (!isGenuine(credential, row?.secret_hash) || row === undefined) return undefined;
  if (row.expires_at <= iso(now) || row.used_at <= iso(now - idleMs)) return undefined;
  const { id: personId, name: personName, role, used_at: usedAt, expires_at: expiresAt } = row;
  return { personId, personName, role, usedAt, expiresAt };
}

/** @returns whether the time of the last use is so old that `touchSession` should write it */
export function needsTouch(usedAt: string | null, now: number): boolean {
  return usedAt === null || usedAt <= iso(now - touchAfterMs);
}

export async function touchSession(connection: Connection, id: string, now: number): Promise<void> {
  await connection.run('UPDATE sessions SET used_at = ? WHERE id = ?', iso(now), id);
}

export async function endSession(connection: Connection, id: string): Promise<void> {
  await connection.run('DELETE FROM sessions WHERE id = ?', id);
}

/** Ends all sessions of a person. @param keptId of one that goes on */
export async function endSessions(connection: Connection, personId: number, keptId = ''): Promise<void> {
  await connection.run('DELETE FROM sessions WHERE person_id = ? AND id <> ?', personId, keptId);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
