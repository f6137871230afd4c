/** API keys, by which scripts call. Each function is one piece of work on a connection. */
import type { Connection, Row } from '../database/engine.ts';
import { foldCase } from '../text.ts';
import { NameTaken } from './account-errors.ts';
import { type Credential, isGenuine, newCredential } from './credentials.ts';
import type { Role } from './roles.ts';

/** An API key without its secret. Times are ISO 8601 in UTC. */
export type ApiKey = Row & {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly usedAt: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
};

const columns =
  'id, name, role, created_at AS "createdAt", used_at AS "usedAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"';

/**
 * @param lifetimeMs undefined for a key that does not expire
 * @param now milliseconds since 1970
 * @returns the key, which nobody can read again
 * @throws {NameTaken} also by a revoked key: the history names keys by their names
 */
export async function createApiKey(
  connection: Connection,
  { name, role, lifetimeMs }: { name: string; role: Role; lifetimeMs: number | undefined },
  now: number,
): Promise<string> {
  const taken = await connection.get('SELECT id FROM api_keys WHERE name_key = ?', foldCase(name));
  if (taken !== undefined) throw new NameTaken();
  const { text, id, secretHash } = newCredential('key');
  const expiresAt = lifetimeMs === undefined ? null : iso(now + lifetimeMs);
  await connection.run(
    'INSERT INTO api_keys (id, secret_hash, name, name_key, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[id, secretHash, name, foldCase(name), role, iso(now), expiresAt],
  );
  return text;
}

/** @returns undefined when the key does not exist, has expired, or is revoked */
export async function findApiKey(
  connection: Connection,
  credential: Credential,
  now: number,
): Promise<ApiKey | undefined> {
  const row = await connection.get<ApiKey & { secret_hash: string }>(
    `SELECT secret_hash, ${columns} FROM api_keys WHERE id = ?`,
    credential.id,
  );
  if (!isGenuine(credential, row?.secret_hash) || row === undefined || row.revokedAt !== null) return undefined;
  return row.expiresAt !== null && row.expiresAt <= iso(now) ? undefined : row;
}

export async function touchApiKey(connection: Connection, id: string, now: number): Promise<void> {
  await connection.run('UPDATE api_keys SET used_at = ? WHERE id = ?', iso(now), id);
}

/** @returns all keys, also revoked ones, by name */
export async function listApiKeys(connection: Connection): Promise<ApiKey[]> {
  return connection.all<ApiKey>(`SELECT ${columns} FROM api_keys ORDER BY name_key`);
}

/** @returns false when no key has the name; a key that is revoked already stays as it is */
export async function revokeApiKey(connection: Connection, name: string, now: number): Promise<boolean> {
  const { changes } = await connection.run(
    'UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE name_key = ?',
    ...[iso(now), foldCase(name)],
  );
  return changes > 0;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
