/** The people who sign in, in the database. Each function is one piece of work on a connection. */
import type { Connection, Row } from '../database/engine.ts';
import { encodeCursor, type ListQuery } from '../resources/list-query.ts';
import { foldCase } from '../text.ts';
import { LastAdministrator, NameTaken, PersonNotFound } from './account-errors.ts';
import type { Role } from './roles.ts';

/** A person as the API shows it. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly isDisabled: boolean;
  /** Whether the person has chosen a password, and so can sign in. */
  readonly hasPassword: boolean;
  /** ISO 8601 in UTC, as all times here. */
  readonly createdAt: string;
  readonly signedInAt: string | null;
}

/** One page of the list of people, by name. */
export interface PeoplePage {
  readonly people: Person[];
  readonly total: number;
  readonly totalExact: true;
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

/** The order of the list: the names of all people differ by their keys. */
export const peopleOrder = { sort: 'name', columns: { id: 'id', name: 'name_key' } } as const;

/** Fields of a person that an administrator may change. */
export interface PersonPatch {
  readonly name?: string;
  readonly email?: string | null;
  readonly role?: Role;
  readonly isDisabled?: boolean;
}

/** A person with the hash of its password. */
export type PersonRow = Row & {
  readonly id: number;
  readonly name: string;
  readonly name_key: string;
  readonly email: string | null;
  readonly role: Role;
  readonly password_hash: string | null;
  readonly disabled_at: string | null;
  readonly created_at: string;
  readonly signed_in_at: string | null;
};

const columns = 'id, name, name_key, email, role, password_hash, disabled_at, created_at, signed_in_at';
const select = `SELECT ${columns} FROM people`;

/** @returns the row without its password, as the API shows it */
export function toPerson(row: PersonRow): Person {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    isDisabled: row.disabled_at !== null,
    hasPassword: row.password_hash !== null,
    createdAt: row.created_at,
    signedInAt: row.signed_in_at,
  };
}

/** @throws {PersonNotFound} */
export async function findPerson(connection: Connection, id: number): Promise<PersonRow> {
  const row = await connection.get<PersonRow>(`${select} WHERE id = ?`, id);
  if (row === undefined) throw new PersonNotFound(id);
  return row;
}

/** @param name in any letter case */
export async function findPersonNamed(connection: Connection, name: string): Promise<PersonRow | undefined> {
  return connection.get<PersonRow>(`${select} WHERE name_key = ?`, foldCase(name));
}

/** @returns everybody, by name */
export async function listPeople(connection: Connection): Promise<Person[]> {
  return (await connection.all<PersonRow>(`${select} ORDER BY name_key`)).map(toPerson);
}

/** @param query in the order of `peopleOrder` */
export async function readPeoplePage(connection: Connection, query: ListQuery): Promise<PeoplePage> {
  const { limit, after } = query;
  return connection.snapshot(async (snapshot) => {
    const total = await countPeople(snapshot);
    // Every key is greater than an empty text.
    const rows = await snapshot.all<PersonRow>(
      `${select} WHERE name_key > ? ORDER BY name_key LIMIT ?`,
      ...[after?.value ?? '', limit + 1],
    );
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    const next = last === undefined ? null : encodeCursor(query, { value: last.name_key, id: last.id });
    return { people: page.map(toPerson), total, totalExact: true, next };
  });
}

/** @returns how many people there are */
export async function countPeople(connection: Connection): Promise<number> {
  const row = await connection.get<{ total: number }>('SELECT count(*) AS total FROM people');
  return row?.total ?? 0;
}

/** @throws {NameTaken} */
export async function insertPerson(
  connection: Connection,
  { name, email, role, passwordHash }: { name: string; email: string | null; role: Role; passwordHash: string | null },
  now: string,
): Promise<Person> {
  if ((await findPersonNamed(connection, name)) !== undefined) throw new NameTaken();
  await connection.run(
    'INSERT INTO people (name, name_key, email, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[name, foldCase(name), email, role, passwordHash, now],
  );
  return toPerson((await findPersonNamed(connection, name)) as PersonRow);
}

/**
 * Changes the given fields. A person who is disabled loses all sessions and links.
 * @throws {PersonNotFound}
 * @throws {NameTaken}
 * @throws {LastAdministrator}
 */
export async function changePerson(
  connection: Connection,
  id: number,
  patch: PersonPatch,
  now: string,
): Promise<Person> {
  const row = await findPerson(connection, id);
  const { name = row.name, email = row.email, role = row.role, isDisabled = row.disabled_at !== null } = patch;
  const other = await findPersonNamed(connection, name);
  if (other !== undefined && other.id !== id) throw new NameTaken();
  const administers = row.role === 'administrator' && row.disabled_at === null && row.password_hash !== null;
  if (administers && (role !== 'administrator' || isDisabled)) await refuseLast(connection, id);
  const disabledAt = isDisabled ? (row.disabled_at ?? now) : null;
  await connection.run(
    'UPDATE people SET name = ?, name_key = ?, email = ?, role = ?, disabled_at = ? WHERE id = ?',
    ...[name, foldCase(name), email, role, disabledAt, id],
  );
  if (isDisabled) {
    await connection.run('DELETE FROM sessions WHERE person_id = ?', id);
    await connection.run('DELETE FROM account_links WHERE person_id = ?', id);
  }
  return toPerson(await findPerson(connection, id));
}

async function refuseLast(connection: Connection, id: number): Promise<void> {
  const other = await connection.get(
    "SELECT id FROM people WHERE role = 'administrator' AND disabled_at IS NULL AND password_hash IS NOT NULL AND id <> ?",
    id,
  );
  if (other === undefined) throw new LastAdministrator();
}
