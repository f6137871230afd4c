/**
 * The users in the database: each function is one piece of work on an open connection.
 *
 * Those that write are called inside a write transaction, so what they read stays true until it is committed.
 */
import type { Knex } from 'knex';
import { placeholders, Template } from '../database/prepared-query.ts';
import { type Connection, errorCode, type Row, type Value } from '../database/sqlite/connection.ts';
import { EmailTaken, PreconditionFailed, UserNotFound } from '../errors.ts';
import { encodeCursor, type ListQuery, sortColumns } from './list-query.ts';
import { emailKey, fold } from './text.ts';
import type { User, UserInput, UserPage, UserPatch } from './types.ts';
import { etagOf, type Precondition } from './version.ts';

type UserRow = Row & User;
type DirectoryRow = Row & { total: number; revision: string };

const columns = {
  id: 'id',
  name: 'name',
  email: 'email',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  version: 'version',
};

/** Matches up to which they are sorted rather than looked for in the order of an index. */
const rareMatches = 5_000;

export class UserRepository {
  readonly #knex: Knex;
  readonly #find: Template;
  readonly #insert: Template;
  readonly #update: Template;
  readonly #remove: Template;
  readonly #directory: Template;
  readonly #changeDirectory: Template;

  constructor(knex: Knex) {
    this.#knex = knex;
    const id = placeholders('id');
    const input = placeholders('name', 'email', 'name_key', 'email_key', 'search_text', 'updated_at', 'version');
    const directory = () => knex('directory').where('id', knex.raw('1'));
    const revision = knex.raw('lower(hex(randomblob(8)))');
    this.#find = new Template(knex('users').select(columns).where(id));
    this.#insert = new Template(knex('users').insert({ ...input, ...placeholders('created_at') }));
    this.#update = new Template(knex('users').where(id).update(input));
    this.#remove = new Template(knex('users').where(id).delete());
    this.#directory = new Template(directory().select('total', 'revision'));
    this.#changeDirectory = new Template(directory().update({ total: knex.raw('total + ?', 'difference'), revision }));
  }

  /** @returns the user, or undefined */
  find(connection: Connection, id: number): User | undefined {
    return this.#find.get<UserRow>(connection, { id });
  }

  /** @returns one page of a list, and the revision of the directory that it shows */
  list(connection: Connection, query: ListQuery): { page: UserPage; revision: string } {
    return connection.snapshot(() => {
      const { total: all, revision } = this.#readDirectory(connection);
      const total = query.search === '' ? all : this.#count(connection, query.search);
      const isRare = query.search !== '' && total < rareMatches;
      const rows = connection.rows<UserRow & { position: string | number }>(this.#pageQuery(query, isRare));
      const users = rows.slice(0, query.limit).map(({ position, ...user }) => user);
      const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
      const next = last === undefined ? null : encodeCursor(query, { value: last.position, id: last.id });
      return { page: { users, total, next }, revision };
    });
  }

  /** @throws {EmailTaken} */
  insert(connection: Connection, input: UserInput, now: string): User {
    const row = { ...toColumns(input), created_at: now, updated_at: now, version: 1 };
    const { lastId } = this.#write(connection, this.#insert, row);
    this.#changeDirectory.run(connection, { difference: 1 });
    return { id: lastId, ...input, createdAt: now, updatedAt: now, version: 1 };
  }

  /**
   * Changes the fields that are there, and adds one to the version.
   * @throws {UserNotFound}
   * @throws {PreconditionFailed}
   * @throws {EmailTaken}
   */
  update(connection: Connection, id: number, patch: UserPatch, precondition: Precondition, now: string): User {
    const current = this.#current(connection, id, precondition);
    const changed = { ...current, ...patch, updatedAt: now, version: current.version + 1 };
    this.#write(connection, this.#update, { ...toColumns(changed), updated_at: now, version: changed.version, id });
    this.#changeDirectory.run(connection, { difference: 0 });
    return changed;
  }

  /**
   * @throws {UserNotFound}
   * @throws {PreconditionFailed}
   */
  remove(connection: Connection, id: number, precondition: Precondition): void {
    this.#current(connection, id, precondition);
    this.#remove.run(connection, { id });
    this.#changeDirectory.run(connection, { difference: -1 });
  }

  #current(connection: Connection, id: number, precondition: Precondition): User {
    const current = this.find(connection, id);
    if (current === undefined) throw new UserNotFound(id);
    if (!precondition(current.version)) throw new PreconditionFailed(etagOf(current.version));
    return current;
  }

  /** @param isRare whether it is quicker to collect the few matches and sort them than to look for them in order */
  #pageQuery({ limit, sort, descending, search, after }: ListQuery, isRare: boolean): Knex.QueryBuilder {
    const column = sortColumns[sort];
    const direction = descending ? 'desc' : 'asc';
    const query = this.#knex('users')
      .select({ ...columns, position: column })
      .limit(limit + 1);
    // The unary plus keeps SQLite from going through the index.
    const key = isRare ? `+${column}` : column;
    query.orderByRaw(sort === 'id' ? `${key} ${direction}` : `${key} ${direction}, id ${direction}`);
    if (search !== '') query.whereRaw('instr(search_text, ?) > 0', search);
    if (after !== undefined) {
      const comparison = descending ? '<' : '>';
      if (sort === 'id') query.where('id', comparison, after.id);
      // A row value lets SQLite seek in the index on both columns.
      else query.whereRaw(`(${key}, id) ${comparison} (?, ?)`, [after.value, after.id]);
    }
    return query;
  }

  #count(connection: Connection, search: string): number {
    const query = this.#knex('users').count({ matches: '*' }).whereRaw('instr(search_text, ?) > 0', search);
    return connection.rows<{ matches: number }>(query)[0]?.matches ?? 0;
  }

  #readDirectory(connection: Connection): DirectoryRow {
    const row = this.#directory.get<DirectoryRow>(connection);
    if (row === undefined) throw new Error('The directory row is missing.');
    return row;
  }

  #write(connection: Connection, statement: Template, row: Record<string, Value>): { lastId: number } {
    try {
      return statement.run(connection, row);
    } catch (error) {
      // The users' one unique column besides the id is the e-mail.
      if (errorCode(error) === 'SQLITE_CONSTRAINT_UNIQUE') throw new EmailTaken();
      throw error;
    }
  }
}

function toColumns({ name, email }: UserInput) {
  return {
    name,
    email,
    name_key: fold(name),
    email_key: emailKey(email),
    search_text: `${fold(name)}\n${fold(email)}`,
  };
}
