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
      const request = key === undefined ? undefined : { key, body: [input.name, input.email], now };
      const known = request && keys.recall<User>(connection, request);
      if (known !== undefined) return { user: known, replayed: true };
      const user = users.insert(connection, input, new Date(now).toISOString());
      if (request !== undefined) keys.remember(connection, request, user);
      return { user, replayed: false };
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
    if (validateOnly)
      return { results: runBatch(batch, await this.#collection.readDatabase(find), undefined), replayed: false };
    const body = [existing, 'batch', rows.map((row) => ('user' in row ? row.user : row.value))];
    const write = (connection: Connection, { users, keys }: Queries, owners: readonly KeyedUser[]) => {
      const now = Date.now();
      const request = key === undefined ? undefined : { key, body, now };
      const known = request && keys.recall<BatchResult[]>(connection, request);
      if (known !== undefined) return { results: known, replayed: true };
      const time = new Date(now).toISOString();
      const results = runBatch(batch, owners, {
        create: (user) => users.insert(connection, user, time),
        update: (id, user) => users.update(connection, id, user, () => true, time),
      });
      if (request !== undefined) keys.remember(connection, request, results);
      return { results, replayed: false };
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
}
