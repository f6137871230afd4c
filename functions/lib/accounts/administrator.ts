/**
 * Makes sure that a caller still is an administrator, in the transaction that changes accounts. The router keeps the authorizer's
 * answer for a moment (AUTH_CACHE_MS). In that time an administrator who was demoted or disabled could take it back for good.
 * @see infra/docs/decisions/053-accounts.md
 */
import type { Actor } from '../actor.ts';
import type { Connection, Row } from '../database/engine.ts';
import { Unauthorized } from '../http/authorization.ts';
import { AdministratorNeeded } from './account-errors.ts';
import type { Credential } from './credentials.ts';
import type { Role } from './roles.ts';

/** A caller whom the authorizer has recognized as an administrator. */
export interface Administrator {
  readonly actor: Actor;
  /** Undefined for a token of another issuer, which tells the role itself. */
  readonly credential: Credential | undefined;
}

/**
 * @param now milliseconds since 1970
 * @throws {Unauthorized} when the account is disabled, the session has ended, or the key was revoked or has expired
 * @throws {AdministratorNeeded} when the caller has another role by now
 */
export async function requireAdministrator(
  connection: Connection,
  { actor, credential }: Administrator,
  now: number,
): Promise<void> {
  const role = actor.kind === 'key' ? await roleOfKey(connection, actor, now) : await roleOfPerson(connection, actor);
  if (role !== 'administrator') throw new AdministratorNeeded();
  if (credential?.kind !== 'session') return;
  const session = await connection.get('SELECT id FROM sessions WHERE id = ?', credential.id);
  if (session === undefined) throw new Unauthorized(true);
}

async function roleOfKey(connection: Connection, { id }: Actor, now: number): Promise<Role> {
  const key = await connection.get<Row & { role: Role }>(
    'SELECT role FROM api_keys WHERE id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
    ...[id, new Date(now).toISOString()],
  );
  if (key === undefined) throw new Unauthorized(true);
  return key.role;
}

async function roleOfPerson(connection: Connection, { id }: Actor): Promise<Role> {
  // The authorizer has just read the role of a person of another issuer from the token.
  if (id?.startsWith('jwt:')) return 'administrator';
  const sql = 'SELECT role FROM people WHERE id = ? AND disabled_at IS NULL';
  const person = await connection.get<Row & { role: Role }>(sql, Number(id));
  if (person === undefined) throw new Unauthorized(true);
  return person.role;
}
