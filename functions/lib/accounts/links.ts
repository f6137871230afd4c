/**
 * Links by which a person chooses a password, once: an invitation, or the replacement of a forgotten password. Each function is one
 * piece of work on a connection.
 */
import type { Connection, Row } from '../database/engine.ts';
import { LinkNotValid } from './account-errors.ts';
import { type Credential, isGenuine, newCredential } from './credentials.ts';
import { findPerson, type PersonRow } from './people.ts';

type LinkRow = Row & { secret_hash: string; person_id: number; expires_at: string };

/**
 * Makes a link in the place of those that the person has.
 * @param now milliseconds since 1970
 * @returns the token, which nobody can read again
 */
export async function createLink(
  connection: Connection,
  personId: number,
  lifetimeMs: number,
  now: number,
): Promise<{ token: string; expiresAt: string }> {
  const { text, id, secretHash } = newCredential('link');
  const expiresAt = new Date(now + lifetimeMs).toISOString();
  const createdAt = new Date(now).toISOString();
  await connection.run('DELETE FROM account_links WHERE person_id = ? OR expires_at < ?', personId, createdAt);
  await connection.run(
    'INSERT INTO account_links (id, secret_hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
    ...[id, secretHash, personId, createdAt, expiresAt],
  );
  return { token: text, expiresAt };
}

/**
 * @returns the person whose link it is
 * @throws {LinkNotValid}
 */
export async function readLink(
  connection: Connection,
  credential: Credential,
  now: number,
): Promise<{ person: PersonRow; expiresAt: string }> {
  const row = await connection.get<LinkRow>(
    'SELECT secret_hash, person_id, expires_at FROM account_links WHERE id = ?',
    credential.id,
  );
  const isValid = isGenuine(credential, row?.secret_hash);
  if (!isValid || row === undefined || row.expires_at <= new Date(now).toISOString()) throw new LinkNotValid();
  const person = await findPerson(connection, row.person_id);
  if (person.disabled_at !== null) throw new LinkNotValid();
  return { person, expiresAt: row.expires_at };
}

/** Removes a link that was used. */
export async function removeLink(connection: Connection, { id }: Credential): Promise<void> {
  await connection.run('DELETE FROM account_links WHERE id = ?', id);
}
