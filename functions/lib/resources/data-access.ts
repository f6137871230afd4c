/** The database, the cache and the write queue that all resources of a function process share. */
import type { Knex } from 'knex';
import { migrations, schemaVersion } from '#migrations';
import { Cache, type CacheHealth } from '../cache/cache.ts';
import { CacheState } from '../cache/cache-state.ts';
import type { CacheStore } from '../cache/cache-store.ts';
import { openStore } from '../cache/open-store.ts';
import { Recovery } from '../cache/recovery.ts';
import type { Config, DatabaseEngine } from '../config.ts';
import { DatabaseTurns } from '../database/client-turns.ts';
import { Database } from '../database/database.ts';
import { refuseMoved } from '../database/directory-move.ts';
import { WriteQueue } from '../database/write-queue.ts';
import { DatabaseFileLost } from '../errors.ts';

/** Whether the database and the cache answer. */
export interface Health {
  /** `lost`: the file is missing or was replaced, so writes fail. */
  readonly database: 'ok' | 'unreachable' | 'lost';
  readonly databaseEngine: DatabaseEngine;
  readonly cache: CacheHealth;
}

/** How long the result of one health check answers further requests, because many clients may ask at once. */
const healthLifetimeMs = 100;

/** Database, cache and write queue, wired as the cache protocol needs them. */
export class DataAccess {
  readonly database: Database;
  readonly cache: Cache;
  readonly writes: WriteQueue;
  /** Reads that may take long go through it. */
  readonly reads: DatabaseTurns;
  readonly #store: CacheStore;
  readonly #databaseEngine: DatabaseEngine;
  readonly #state: CacheState;
  readonly #recovery: Recovery;
  #health: Promise<Health> | undefined;
  #healthAt = 0;

  /**
   * @param store the cache that the settings name, unless a test passes another one
   */
  constructor(config: Config, store: CacheStore = openStore(config)) {
    this.database = new Database(config.database, schemaVersion, true);
    this.#databaseEngine = config.database.engine;
    this.#store = store;
    this.#state = new CacheState(this.database);
    this.#recovery = new Recovery(this.database, this.#store, this.#state);
    this.cache = new Cache({ store: this.#store, state: this.#state, recovery: this.#recovery });
    this.writes = new WriteQueue(this.database, this.cache);
    const { database } = config;
    // better-sqlite3 is synchronous.
    this.reads =
      database.engine === 'postgres'
        ? new DatabaseTurns({ atOnce: database.connections, areBlocking: false })
        : new DatabaseTurns({ atOnce: 1, areBlocking: true });
    void this.#store.ready();
  }

  /** @returns Knex, which builds the queries of the repositories */
  knex(): Promise<Knex> {
    return this.database.knex();
  }

  /** @returns whether the database and the cache answer, as found at most 100 ms ago */
  health(): Promise<Health> {
    if (this.#health === undefined || performance.now() - this.#healthAt > healthLifetimeMs) {
      this.#healthAt = performance.now();
      this.#health = this.#checkHealth();
    }
    return this.#health;
  }

  async #checkHealth(): Promise<Health> {
    const database = await this.#checkDatabase();
    return { database, databaseEngine: this.#databaseEngine, cache: await this.cache.check() };
  }

  async #checkDatabase(): Promise<Health['database']> {
    try {
      await this.#state.refresh();
      this.database.requireFiles();
      return 'ok';
    } catch (error) {
      return error instanceof DatabaseFileLost ? 'lost' : 'unreachable';
    }
  }

  /**
   * Creates the database if there is none, and migrates it. Runs before each start of the API. A SQLite file may be a restored
   * backup, whose data is older than the cached values, so the cache is emptied then. PostgreSQL tells by its identity whether
   * it was restored, so a further router can start without a loss for the others. A migration may change the values that are
   * cached.
   * @returns the names of the migrations that ran
   * @throws {ConfigurationError} when the file can't be used
   */
  async prepare(): Promise<string[]> {
    const migrated = await this.database.migrate(migrations);
    const { epoch, move } = await this.#state.refresh();
    refuseMoved(move);
    if (this.#databaseEngine === 'sqlite' || migrated.length > 0) await this.#state.revoke(epoch);
    await this.#recovery.attempt().catch(() => false);
    return migrated;
  }

  /** Called before each invocation where the process may have been frozen since the one before. */
  thaw(): void {
    this.#state.forget();
  }

  /** Closes the database and the connection to the cache. */
  async close(): Promise<void> {
    await this.#store.close();
    await this.database.close();
  }
}
