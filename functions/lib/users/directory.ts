/** The user directory as the handlers see it. */
import type { Knex } from 'knex';
import type { ReadTrace } from '../cache/read-trace.ts';
import type { Representation } from '../cache/representation.ts';
import type { Connection } from '../database/sqlite/connection.ts';
import { Collection } from '../resources/collection.ts';
import type { DataAccess } from '../resources/data-access.ts';
import { IdempotencyKeys } from '../resources/idempotency.ts';
import type { ListQuery } from '../resources/list-query.ts';
import { type BatchResult, emailKeysOf, runBatch, type UserBatch } from './batch.ts';
import { type DeletionResults, type DeletionTarget, deleteOne, type UserDeletion } from './batch-delete.ts';
import { type KeyedUser, UserRepository } from './repository.ts';
import { userResource } from './resource.ts';
import type { User, UserInput, UserPatch } from './types.ts';
import { etagOf, type Precondition } from './version.ts';

interface Queries {
  readonly users: UserRepository;
  readonly keys: IdempotencyKeys;
}

/** Reads users through the cache, and writes them so that no cached value outlives the change. */
export class UserDirectory {
  readonly #collection: Collection<Queries>;

  constructor(data: DataAccess) {
    this.#collection = new Collection(data, userResource, (knex: Knex) => ({
      users: new UserRepository(knex),
      keys: new IdempotencyKeys(knex, userResource),
    }));
  }

  /** @returns the user; undefined if there is none with this id */
  read(id: number, trace: ReadTrace): Promise<Representation | undefined> {
    return this.#collection.readItem(id, trace, (connection, { users }) => {
      const user = users.find(connection, id);
      return user && { etag: etagOf(user.version), json: JSON.stringify(user) };
    });
  }

  /** @returns one page of the list */
  list(query: ListQuery, trace: ReadTrace): Promise<Representation> {
    return this.#collection.readList(query, trace, (connection, { users }) => {
      const { page, revision } = users.list(connection, query);
      return { etag: `"${revision}"`, json: JSON.stringify(page) };
    });
  }

  /**
   * Creates a user, once for each key.
   * @param key the request's Idempotency-Key
   * @returns the user, and whether an earlier request with the same key has created it
   * @throws {EmailTaken} when another user has the same e-mail
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  create(input: UserInput, key?: string): Promise<{ user: User; replayed: boolean }> {
    return this.#collection.write([], (connection, { users, keys }) => {
      const now = Date.now();
      const request = { key, body: [input.name, input.email], now };
      const create = () => users.insert(connection, input, new Date(now).toISOString());
      const { answer: user, replayed } = keys.once(connection, request, create);
      return { user, replayed };
    });
  }

  /**
   * Creates many users in one transaction, and updates existing ones if the batch asks for that, once for each key. A row that
   * is refused leaves the other rows as they are.
   * @param key the request's Idempotency-Key
   * @returns the result of each row, and whether an earlier request with the same key has written them
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async writeBatch(batch: UserBatch, key?: string): Promise<{ results: BatchResult[]; replayed: boolean }> {
    const { rows, existing, validateOnly } = batch;
    const emailKeys = emailKeysOf(rows);
    const find = (connection: Connection, { users }: Queries) => users.findOwners(connection, emailKeys);
    if (validateOnly) {
      const results = runBatch(batch, await this.#collection.readDatabase(find), undefined);
      return { results, replayed: false };
    }
    const body = ['batch', existing, rows.map((row) => ('user' in row ? row.user : row.value))];
    const write = (connection: Connection, { users, keys }: Queries, owners: readonly KeyedUser[]) => {
      const now = Date.now();
      const time = new Date(now).toISOString();
      const { answer: results, replayed } = keys.once(connection, { key, body, now }, () =>
        runBatch(batch, owners, {
          create: (user) => users.insert(connection, user, time),
          update: (id, user) => users.update(connection, id, user, () => true, time),
        }),
      );
      return { results, replayed };
    };
    if (existing === 'update') return this.#collection.writeFound(find, write, rows.length);
    return this.#collection.write(
      [],
      (connection, queries) => write(connection, queries, find(connection, queries)),
      rows.length,
    );
  }

  /**
   * Changes the given fields of a user.
   * @throws {UserNotFound} when there is no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the current version
   * @throws {InvalidRequest} when the rules for names and e-mails refuse a new text
   * @throws {EmailTaken} when another user has the same e-mail
   */
  update(id: number, patch: UserPatch, precondition: Precondition): Promise<User> {
    const now = new Date().toISOString();
    return this.#collection.write([id], (connection, { users }) =>
      users.update(connection, id, patch, precondition, now),
    );
  }

  /**
   * Deletes a user.
   * @throws {UserNotFound} when there is no user with this id
   * @throws {PreconditionFailed} when the precondition refuses the current version
   */
  delete(id: number, precondition: Precondition): Promise<void> {
    return this.#collection.write([id], (connection, { users }) => users.delete(connection, id, precondition));
  }

  /**
   * Deletes many users in one transaction, once for each key. A user that is refused leaves the others as they are.
   * @param key the request's Idempotency-Key
   * @returns the result of each user, how many more match the search, and whether an earlier request has deleted them
   * @throws {IdempotencyKeyReused} when the key was used with another body
   */
  async deleteBatch(request: UserDeletion, key?: string): Promise<DeletionResults & { replayed: boolean }> {
    const { users: targets, matches } = await this.#targetsOf(request);
    const body = ['batch-delete', 'users' in request ? request.users : request.query.search];
    const ids = targets.map(({ id }) => id);
    const work = (connection: Connection, { users, keys }: Queries) => {
      const { answer, replayed } = keys.once(connection, { key, body, now: Date.now() }, () => {
        const results = targets.map((target) => deleteOne(connection, users, target));
        const deleted = results.filter(({ status }) => status === 204).length;
        return { results, left: Math.max(0, matches - deleted) };
      });
      return { ...answer, replayed };
    };
    return this.#collection.write(ids, work, targets.length);
  }

  /** Searches outside of the transaction, which holds the write lock. A user that changes meanwhile has another version. */
  async #targetsOf(request: UserDeletion): Promise<{ users: readonly DeletionTarget[]; matches: number }> {
    if ('users' in request) return { users: request.users, matches: 0 };
    const { page } = await this.#collection.readDatabase((connection, { users }) =>
      users.list(connection, request.query),
    );
    return { users: page.users, matches: page.total };
  }
}
