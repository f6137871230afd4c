/**
 * The user directory as the handlers see it: database and cache behind one face.
 */
import { migrations, schemaVersion } from '#migrations';
import { Cache } from '../cache/cache.ts';
import { EmbeddedStore } from '../cache/embedded/embedded-store.ts';
import { Recovery } from '../cache/redis/recovery.ts';
import { RedisStore } from '../cache/redis/redis-store.ts';
import type { CacheStore } from '../cache/store.ts';
import { TrustRow } from '../cache/trust.ts';
import type { Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { WriteQueue } from '../database/write-queue.ts';
import type { ReadTrace } from '../http/reply.ts';
import { log } from '../logger.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { type ListQuery, listQueryKey } from './list-query.ts';
import { UserRepository } from './repository.ts';
import type { User, UserInput, UserPatch } from './types.ts';
import type { Precondition } from './version.ts';

/** A list as it is answered. */
export interface TaggedList {
  readonly json: string;
  readonly revision: string;
}

/** Whether each of them answers. */
export interface Health {
  readonly database: boolean;
  readonly cache: boolean;
}

/** What runs queries; loading Knex takes a third of a function's start. */
interface Tables {
  readonly users: UserRepository;
  readonly keys: IdempotencyKeys;
}

/** Milliseconds after the start at which Knex is loaded if no request has needed it. */
const warmUpDelay = 500;

/** Milliseconds for which what was found about the health is answered again. */
const healthLifetime = 100;

export class Directory {
  readonly #database: Database;
  readonly #writes: WriteQueue;
  readonly #store: CacheStore;
  readonly #trust: TrustRow;
  readonly #recovery: Recovery;
  readonly #cache: Cache;
  #tables: Promise<Tables> | undefined;
  #health: Promise<Health> | undefined;
  #healthAt = 0;

  constructor(config: Config) {
    this.#database = new Database({ file: config.databaseFile, synchronous: config.synchronous, schemaVersion });
    this.#store = storeOf(config);
    this.#trust = new TrustRow(this.#database);
    this.#recovery = new Recovery(this.#store, this.#trust);
    this.#cache = new Cache({ store: this.#store, trust: this.#trust, recovery: this.#recovery });
    this.#writes = new WriteQueue(this.#database, this.#cache);
    void this.#store.ready();
    // The first answer comes from the cache, most likely; what the others need is loaded after it.
    setTimeout(() => this.#open().catch(() => {}), warmUpDelay).unref();
  }

  /** @returns the user as JSON, or undefined */
  readUser(id: number, trace: ReadTrace): Promise<string | undefined> {
    return this.#cache.read({ id }, trace, async () => {
      const { users } = await this.#open();
      const user = await this.#database.use((connection) => users.find(connection, id));
      return user === undefined ? undefined : JSON.stringify(user);
    });
  }

  /** @returns one page as JSON, and the revision of the directory that it shows */
  async listUsers(query: ListQuery, trace: ReadTrace): Promise<TaggedList> {
    const text = await this.#cache.read({ page: listQueryKey(query) }, trace, async () => {
      const { users } = await this.#open();
      const { page, revision } = await this.#database.use((connection) => users.list(connection, query));
      return `${revision}\n${JSON.stringify(page)}`;
    });
    if (text === undefined) throw new Error('A list is never undefined.');
    const end = text.indexOf('\n');
    return { revision: text.slice(0, end), json: text.slice(end + 1) };
  }

  /**
   * Creates a user, once per key.
   * @returns the user, and whether it had been created under that key before
   */
  async createUser(input: UserInput, key?: string): Promise<{ user: User; replayed: boolean }> {
    const { users, keys } = await this.#open();
    return this.#writes.submit([], (connection) => {
      const now = Date.now();
      const known = key === undefined ? undefined : keys.recall(connection, key, input, now);
      if (known !== undefined) return { user: known, replayed: true };
      const user = users.insert(connection, input, new Date(now).toISOString());
      if (key !== undefined) keys.remember(connection, key, input, user, now);
      return { user, replayed: false };
    });
  }

  /** Changes those fields of a user that are there. */
  async updateUser(id: number, patch: UserPatch, precondition: Precondition): Promise<User> {
    const { users } = await this.#open();
    const now = new Date().toISOString();
    return this.#writes.submit([id], (connection) => users.update(connection, id, patch, precondition, now));
  }

  async deleteUser(id: number, precondition: Precondition): Promise<void> {
    const { users } = await this.#open();
    return this.#writes.submit([id], (connection) => users.remove(connection, id, precondition));
  }

  /** @returns whether database and cache answer, or did a moment ago: many may ask at once */
  health(): Promise<Health> {
    if (this.#health === undefined || performance.now() - this.#healthAt > healthLifetime) {
      this.#healthAt = performance.now();
      this.#health = this.#checkHealth();
    }
    return this.#health;
  }

  async #checkHealth(): Promise<Health> {
    const database = this.#trust.refresh().then(
      () => true,
      () => false,
    );
    return { database: await database, cache: await this.#cache.answers() };
  }

  /**
   * Before the directory is used: migrates the database and empties the cache, which may be that of another database.
   * @returns the names of the migrations that ran
   */
  async prepare(): Promise<string[]> {
    const migrated = await migrate(await this.#database.knex(), migrations);
    const { epoch } = await this.#trust.refresh();
    await this.#trust.lose(epoch);
    await this.#recovery.attempt().catch(() => false);
    return migrated;
  }

  #open(): Promise<Tables> {
    this.#tables ??= this.#database
      .knex()
      .then((knex) => ({ users: new UserRepository(knex), keys: new IdempotencyKeys(knex) }));
    return this.#tables;
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#database.close();
  }
}

function storeOf({ redisUrl, databaseFile }: Config): CacheStore {
  if (redisUrl === undefined) return new EmbeddedStore(`${databaseFile}-cache`);
  const onChange = (reachable: boolean, reason: string) => {
    if (reachable) log.info('Redis is reachable again', { reason });
    else log.warn('Redis is not reachable; requests go round it', { reason });
  };
  return new RedisStore({ url: redisUrl, onChange });
}
