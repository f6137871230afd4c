/** The deleted users in the database. Each method is one piece of work on a connection. */
import type { Knex } from 'knex';
import type { Connection, MaybePromise, Row } from '../database/engine.ts';
import { expressionsOf } from '../database/expressions.ts';
import { PreparedQuery, placeholders } from '../database/prepared-query.ts';
import { recordChange } from '../database/resources.ts';
import type { ListQuery } from '../resources/list-query.ts';
import { type ListPage, ListReader } from '../resources/list-reader.ts';
import type { UserHistory } from './history.ts';
import { binResource, binSortColumns, userColumns } from './resource.ts';
import type { DeletedUser } from './types.ts';

type DeletedUserRow = Row & DeletedUser;

const dayMs = 24 * 60 * 60 * 1000;

/** How many expired users one write removes at most: it holds the write lock. */
const maxPurged = 1000;

/** How often a process looks for expired users while it writes others. */
const purgePauseMs = 60_000;

const copied = ['name', 'email', 'name_key', 'email_key', 'search_text', 'created_at', 'updated_at', 'version'];

const columns = { ...userColumns, deletedAt: 'deleted_at' };

/** Keeps deleted users for some days. Methods that write must be called inside a write transaction. */
export class UserBin {
  /** How long a deleted user stays in the bin; 0 when there is no bin. */
  readonly days: number;
  readonly #list: ListReader<DeletedUserRow>;
  readonly #find: PreparedQuery;
  readonly #add: PreparedQuery;
  readonly #remove: PreparedQuery;
  readonly #knex: Knex;
  readonly #history: UserHistory;
  #nextPurgeAt = 0;

  /** @param history gets the users whose days are over */
  constructor(knex: Knex, days: number, history: UserHistory) {
    this.days = days;
    this.#history = history;
    this.#knex = knex;
    const id = placeholders('id');
    const table = {
      resource: binResource,
      columns,
      sortColumns: binSortColumns,
      searchColumn: 'search_text',
      beginColumn: 'name_key',
    };
    this.#list = new ListReader(knex, table);
    this.#find = new PreparedQuery(knex('users_bin').select(columns).where(id));
    const user = knex('users')
      .select('id', ...copied, knex.raw('?', 'now'))
      .whereRaw(expressionsOf(knex).isOneOf('id', 'bigint'), 'ids');
    this.#add = new PreparedQuery(
      knex(knex.raw('?? (??)', ['users_bin', ['id', ...copied, 'deleted_at']])).insert(user),
    );
    this.#remove = new PreparedQuery(knex('users_bin').where(id).delete());
  }

  /** @returns the deleted user; undefined if the bin has none with this id */
  find(connection: Connection, id: number): MaybePromise<DeletedUser | undefined> {
    return this.#find.get<DeletedUserRow>(connection, { id });
  }

  /** @returns one page of the bin */
  list(connection: Connection, query: ListQuery): MaybePromise<ListPage<DeletedUser>> {
    return this.#list.read(connection, query);
  }

  /**
   * Copies users into the bin, just before their deletion.
   * @param ids a JSON list of the ids of existing users, none of them twice
   * @param now ISO 8601 in UTC
   */
  async add(connection: Connection, ids: string, count: number, now: string): Promise<void> {
    if (this.days === 0) return;
    await this.#add.run(connection, { ids, now });
    recordChange(connection, binResource, count);
  }

  /** Removes a user from the bin. @returns false if the bin has none with this id */
  async remove(connection: Connection, id: number): Promise<boolean> {
    const { changes } = await this.#remove.run(connection, { id });
    if (changes > 0) recordChange(connection, binResource, -changes);
    return changes > 0;
  }

  /** @param now milliseconds since 1970 */
  async hasExpired(connection: Connection, now: number): Promise<boolean> {
    return (await connection.rows(this.#expired(now).limit(1))).length > 0;
  }

  /** Removes some expired users for good. @param now milliseconds since 1970 */
  async purge(connection: Connection, now: number): Promise<void> {
    const expired = this.#expired(now).orderBy('deleted_at').limit(maxPurged);
    await this.#history.recordExpiry(connection, expired.clone(), new Date(now).toISOString());
    const { changes } = await connection.change(this.#knex('users_bin').whereIn('id', expired).delete());
    if (changes > 0) recordChange(connection, binResource, -changes);
  }

  /** Removes some expired users for good, unless this process did so within the last minute. */
  async purgeSometimes(connection: Connection, now: number): Promise<void> {
    if (now < this.#nextPurgeAt) return;
    this.#nextPurgeAt = now + purgePauseMs;
    await this.purge(connection, now);
  }

  #expired(now: number): Knex.QueryBuilder {
    const expiry = new Date(now - this.days * dayMs).toISOString();
    return this.#knex('users_bin').select('id').where('deleted_at', '<=', expiry);
  }
}
