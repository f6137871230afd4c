/**
 * The user directory as the handlers see it: database and cache behind one face.
 */
import { migrations, schemaVersion } from '#migrations';
import type { ReadTrace } from '../api/reply.ts';
import type { Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { WriteQueue } from '../database/write-queue.ts';
import { IdempotencyKeys } from './idempotency.ts';
import type { ListQuery } from './list-query.ts';
import { UserRepository } from './repository.ts';
import type { User, UserInput, UserPatch } from './types.ts';
import type { Precondition } from './version.ts';

/** A list as it is answered. */
export interface TaggedList {
  readonly json: string;
  readonly revision: string;
}

export class Directory {
  readonly #database: Database;
  readonly #users: UserRepository;
  readonly #keys: IdempotencyKeys;
  readonly #writes: WriteQueue;

  constructor(config: Config) {
    this.#database = new Database({ file: config.databaseFile, synchronous: config.synchronous, schemaVersion });
    this.#users = new UserRepository(this.#database.knex);
    this.#keys = new IdempotencyKeys(this.#database.knex);
    this.#writes = new WriteQueue(this.#database, {
      begin: async () => ({ holds: () => true, finish: async () => {} }),
    });
  }

  /** @returns the user as JSON, or undefined */
  async readUser(id: number, trace: ReadTrace): Promise<string | undefined> {
    trace.cache = 'bypass';
    const user = await this.#database.use((connection) => this.#users.find(connection, id));
    return user === undefined ? undefined : JSON.stringify(user);
  }

  /** @returns one page as JSON, and its revision */
  async listUsers(query: ListQuery, trace: ReadTrace): Promise<TaggedList> {
    trace.cache = 'bypass';
    const { page, revision } = await this.#database.use((connection) => this.#users.list(connection, query));
    return { json: JSON.stringify(page), revision };
  }

  /**
   * Creates a user, once per key.
   * @returns the user, and whether it had been created under that key before
   */
  createUser(input: UserInput, key?: string): Promise<{ user: User; replayed: boolean }> {
    return this.#writes.submit([], (connection) => {
      const now = Date.now();
      const known = key === undefined ? undefined : this.#keys.recall(connection, key, input, now);
      if (known !== undefined) return { user: known, replayed: true };
      const user = this.#users.insert(connection, input, new Date(now).toISOString());
      if (key !== undefined) this.#keys.remember(connection, key, input, user, now);
      return { user, replayed: false };
    });
  }

  /** Changes those fields of a user that are there. */
  updateUser(id: number, patch: UserPatch, precondition: Precondition): Promise<User> {
    return this.#writes.submit([id], (connection) =>
      this.#users.update(connection, id, patch, precondition, new Date().toISOString()),
    );
  }

  deleteUser(id: number, precondition: Precondition): Promise<void> {
    return this.#writes.submit([id], (connection) => this.#users.remove(connection, id, precondition));
  }

  /** @returns whether database and cache answer */
  async health(): Promise<{ database: boolean; cache: boolean }> {
    const database = await this.#database
      .use((connection) => connection.get('SELECT 1') !== undefined)
      .catch(() => false);
    return { database, cache: false };
  }

  /** @returns the names of the migrations that ran */
  migrate(): Promise<string[]> {
    return migrate(this.#database.knex, migrations);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
