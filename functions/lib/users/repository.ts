/** The users in the database. Each method is one piece of work on a connection. */
import type { Knex } from 'knex';
import { PreparedQuery, placeholders } from '../database/prepared-query.ts';
import { readSummary, recordChange } from '../database/resources.ts';
import type { Connection, Row, Value } from '../database/sqlite/connection.ts';
import { isOneOf } from '../database/sqlite/expressions.ts';
import { PreconditionFailed } from '../errors.ts';
import type { ListQuery } from '../resources/list-query.ts';
import { ListReader } from '../resources/list-reader.ts';
import { acceptChange } from './accept.ts';
import type { UserBin } from './bin.ts';
import { emailKey } from './email.ts';
import { userKeys } from './keys.ts';
import { userColumns as columns, userResource, userSortColumns } from './resource.ts';
import type { DeletedUser, User, UserInput, UserPage, UserPatch, UserTwins } from './types.ts';
import { EmailTaken, UserNotFound } from './user-errors.ts';
import { etagOf, type Precondition } from './version.ts';

type UserRow = Row & User;

/** A user with the comparable form of its e-mail. */
export type KeyedUser = UserRow & { readonly emailKey: string };

/** How many users the list of twins shows at most. */
const maxTwins = 1_000;

/**
 * Reads and writes users. Methods that write must be called inside a write transaction, so that what they read stays true
 * until the commit.
 */
export class UserRepository {
  readonly #list: ListReader<UserRow>;
  readonly #find: PreparedQuery;
  readonly #findOwners: PreparedQuery;
  readonly #findOwner: PreparedQuery;
  readonly #twins: Knex.QueryBuilder;
  readonly #insert: PreparedQuery;
  readonly #update: PreparedQuery;
  readonly #delete: PreparedQuery;
  readonly #restore: PreparedQuery;
  readonly #bin: UserBin;

  /** @param bin gets the users that are deleted */
  constructor(knex: Knex, bin: UserBin) {
    this.#bin = bin;
    const id = placeholders('id');
    const input = placeholders('name', 'email', 'name_key', 'email_key', 'search_text', 'updated_at', 'version');
    const table = { resource: userResource, columns, sortColumns: userSortColumns, searchColumn: 'search_text' };
    this.#list = new ListReader(knex, table);
    this.#find = new PreparedQuery(knex('users').select(columns).where(id));
    const owners = knex('users').select({ ...columns, emailKey: 'email_key' });
    this.#findOwners = new PreparedQuery(owners.whereRaw(isOneOf('email_key'), 'emailKeys'));
    this.#findOwner = new PreparedQuery(knex('users').select('id').where(placeholders('email_key')));
    const shared = knex('users').select('email_key').groupBy('email_key').havingRaw('count(*) > 1');
    const twins = knex('users')
      .select({ ...columns, emailKey: 'email_key' })
      .whereIn('email_key', shared);
    this.#twins = twins.orderBy(['email_key', 'id']).limit(maxTwins);
    this.#insert = new PreparedQuery(knex('users').insert({ ...input, ...placeholders('created_at') }));
    this.#update = new PreparedQuery(knex('users').where(id).update(input));
    this.#delete = new PreparedQuery(knex('users').where(id).delete());
    this.#restore = new PreparedQuery(knex('users').insert({ ...id, ...input, ...placeholders('created_at') }));
  }

  /** @returns the user; undefined if there is none with this id */
  find(connection: Connection, id: number): User | undefined {
    return this.#find.get<UserRow>(connection, { id });
  }

  /** @returns the id of a user that has this e-mail, in any spelling; undefined if there is none */
  findOwner(connection: Connection, email: string): number | undefined {
    return this.#findOwner.get<Row & { id: number }>(connection, { email_key: emailKey(email) })?.id;
  }

  /** @returns the users that have one of these e-mails, in comparable form */
  findOwners(connection: Connection, emailKeys: readonly string[]): KeyedUser[] {
    return this.#findOwners.all<KeyedUser>(connection, { emailKeys: JSON.stringify(emailKeys) });
  }

  /** @returns one page of the list, and the revision that it shows */
  list(connection: Connection, query: ListQuery): { page: UserPage; revision: string } {
    const { items, total, next, revision } = this.#list.read(connection, query);
    return { page: { users: items, total, next }, revision };
  }

  /** @returns the users that share an e-mail, a list for each e-mail, and the revision that they belong to */
  twins(connection: Connection): UserTwins & { revision: string } {
    return connection.snapshot(() => {
      const { revision } = readSummary(connection, userResource);
      const groups = Map.groupBy(connection.rows<KeyedUser>(this.#twins), ({ emailKey }) => emailKey);
      const twins = [...groups.values()].map((group) => group.map(({ emailKey: _, ...user }) => user));
      return { twins, revision };
    });
  }

  /**
   * Creates a user.
   * @param now ISO 8601 in UTC
   * @throws {EmailTaken} when another user has the same e-mail
   */
  insert(connection: Connection, input: UserInput, now: string): User {
    const keys = userKeys(input);
    this.#refuseTaken(connection, keys.email_key);
    const row = { ...input, ...keys, created_at: now, updated_at: now, version: 1 };
    const { lastId } = this.#insert.run(connection, row);
    recordChange(connection, userResource, 1);
    return { id: lastId, ...input, createdAt: now, updatedAt: now, version: 1 };
  }

  /**
   * Changes the given fields of a user, and adds one to the version.
   * @param now ISO 8601 in UTC
   * @throws {UserNotFound} when there is no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the current version
   * @throws {InvalidRequest} when the rules for names and e-mails refuse a new text
   * @throws {EmailTaken} when another user has the same e-mail
   */
  update(connection: Connection, id: number, patch: UserPatch, precondition: Precondition, now: string): User {
    const current = this.#current(connection, id, precondition);
    const input = acceptChange(current, patch);
    const keys = userKeys(input);
    if (keys.email_key !== emailKey(current.email)) this.#refuseTaken(connection, keys.email_key);
    const changed = { ...current, ...input, updatedAt: now, version: current.version + 1 };
    const row: Record<string, Value> = { ...input, ...keys, updated_at: now, version: changed.version, id };
    this.#update.run(connection, row);
    recordChange(connection, userResource, 0);
    return changed;
  }

  /**
   * Moves a user to the bin.
   * @param now ISO 8601 in UTC
   * @throws {UserNotFound} when there is no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the current version
   */
  delete(connection: Connection, id: number, precondition: Precondition, now: string): void {
    this.#current(connection, id, precondition);
    this.#bin.add(connection, id, now);
    this.#delete.run(connection, { id });
    recordChange(connection, userResource, -1);
  }

  /**
   * Moves a user back from the bin. Its new version is one that no entity tag from before has.
   * @param deleted a user that the bin has, and whose e-mail no user has
   * @param now ISO 8601 in UTC
   */
  restore(connection: Connection, deleted: DeletedUser, now: string): User {
    const { id, name, email, createdAt } = deleted;
    const version = deleted.version + 1;
    this.#bin.remove(connection, id);
    const row = { id, name, email, ...userKeys(deleted), created_at: createdAt, updated_at: now, version };
    this.#restore.run(connection, row);
    recordChange(connection, userResource, 1);
    return { id, name, email, createdAt, updatedAt: now, version };
  }

  /**
   * Refuses an e-mail that another user has. A unique index can't do it, because twins from before the comparison of today
   * share a key. The write lock of the transaction keeps two writers from taking one e-mail at once.
   */
  #refuseTaken(connection: Connection, email_key: string): void {
    if (this.#findOwner.get(connection, { email_key }) !== undefined) throw new EmailTaken();
  }

  #current(connection: Connection, id: number, precondition: Precondition): User {
    const current = this.find(connection, id);
    if (current === undefined) throw new UserNotFound(id);
    if (!precondition(current.version)) throw new PreconditionFailed(userResource.item, etagOf(current.version));
    return current;
  }
}
