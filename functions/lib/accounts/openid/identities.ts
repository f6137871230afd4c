/** People whom a provider of OpenID Connect knows. Each function is one piece of work on a connection. */
import type { Connection, Row } from '../../database/engine.ts';
import { isPlainText, removeInvisible } from '../../text.ts';
import { findPerson, findPersonNamed, insertPerson, type PersonRow } from '../people.ts';
import type { Role } from '../roles.ts';

/** An account at a provider, as its ID token describes it. */
export interface Identity {
  readonly issuer: string;
  /** Names the account of the issuer, and never another one. */
  readonly subject: string;
  /** As the provider spells it; empty where it has none. */
  readonly name: string;
  /** Null unless the provider says that it has checked the address. */
  readonly email: string | null;
  /** Undefined where the role claim names none. */
  readonly role: Role | undefined;
}

/** A name leaves room for the number that tells it from others. */
const maxNameCharacters = 90;
const maxEmailCharacters = 100;

/** @returns the person of the identity; undefined before the first sign-in. Names and e-mail addresses play no part in it. */
export async function findIdentified(
  connection: Connection,
  { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
): Promise<PersonRow | undefined> {
  const row = await connection.get<Row & { person_id: number }>(
    'SELECT person_id FROM identities WHERE issuer = ? AND subject = ?',
    ...[issuer, subject],
  );
  return row && findPerson(connection, row.person_id);
}

/**
 * Adds a person for an identity. A name that is taken gets a number, because its owner is another account.
 * @param now ISO 8601
 */
export async function insertIdentified(
  connection: Connection,
  identity: Identity,
  role: Role,
  now: string,
): Promise<PersonRow> {
  const name = await freeName(connection, plainName(identity));
  const email = identity.email !== null && isEmail(identity.email) ? identity.email : null;
  const { id } = await insertPerson(connection, { name, email, role, passwordHash: null }, now);
  await connection.run(
    'INSERT INTO identities (issuer, subject, person_id, created_at) VALUES (?, ?, ?, ?)',
    ...[identity.issuer, identity.subject, id, now],
  );
  return findPerson(connection, id);
}

async function freeName(connection: Connection, name: string): Promise<string> {
  let free = name;
  for (let number = 2; (await findPersonNamed(connection, free)) !== undefined; number++) free = `${name} (${number})`;
  return free;
}

/** Providers send names that this directory would refuse. */
function plainName({ name, subject }: Identity): string {
  for (const text of [name, subject]) {
    const plain = removeInvisible(text.toWellFormed()).trim();
    if (plain !== '' && isPlainText(plain)) return [...plain].slice(0, maxNameCharacters).join('').trim();
  }
  return 'OpenID';
}

function isEmail(text: string): boolean {
  return text.length <= maxEmailCharacters && isPlainText(text) && /^[^\s@]+@[^\s@]+$/.test(text);
}
