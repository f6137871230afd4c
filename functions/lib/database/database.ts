/**
 * The SQLite file through Knex: Knex builds the SQL; the statements of one piece of work run on the one connection in
 * one go, without a pause in which another request of this process could see half of it.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import { ConfigurationError, DatabaseUnavailable } from '../errors.ts';
import { type Connection, errorCode, isBusy, isUnusable } from './sqlite/connection.ts';
import { SingleConnection } from './sqlite/single-connection.ts';

/**
 * How long SQLite itself waits for another process's lock, in milliseconds. The wait blocks this process, so it is
 * short; the rest of the waiting is done between attempts.
 */
const busyTimeout = 5;

/** Milliseconds that a request waits for such a lock; between two attempts it lets others run. */
const lockPatience = 5_000;

export interface DatabaseOptions {
  readonly file: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  /** The schema that this program works with; a file with a higher one is refused. */
  readonly schemaVersion: number;
}

export class Database {
  readonly file: string;
  readonly #pool: SingleConnection;
  readonly #schemaVersion: number;
  #hasSchema = false;
  #knex: Promise<Knex> | undefined;

  /** @throws {ConfigurationError} when the file's folder can't be made; the file itself is opened on first use */
  constructor({ file, synchronous, schemaVersion }: DatabaseOptions) {
    this.file = file;
    this.#schemaVersion = schemaVersion;
    createFolder(file);
    this.#pool = new SingleConnection(file, (raw) => prepare(raw, synchronous, schemaVersion));
  }

  /** Loads what builds queries and runs migrations. */
  knex(): Promise<Knex> {
    this.#knex ??= import('knex').then(({ default: knex }) =>
      knex({
        client: 'better-sqlite3',
        connectionPool: this.#pool,
        useNullAsDefault: true,
        // What Knex would print on stderr is thrown as well, and reported by whoever catches it.
        log: { debug: ignore, warn: ignore, error: ignore, deprecate: ignore },
      }),
    );
    return this.#knex;
  }

  /**
   * Runs work on the connection, all of it at once; again if another process held a lock.
   * @param work must be synchronous, and have done nothing when it fails with SQLITE_BUSY
   * @throws {DatabaseUnavailable} when the file can't be opened, is not migrated yet, or the lock can't be had
   */
  async use<T>(work: (connection: Connection) => T): Promise<T> {
    const deadline = performance.now() + lockPatience;
    for (;;) {
      try {
        return await this.#pool.use((connection) => {
          this.#requireSchema(connection);
          return work(connection);
        });
      } catch (error) {
        if (isUnusable(error)) throw new DatabaseUnavailable({ cause: error });
        if (!isBusy(error)) throw error;
        if (performance.now() > deadline) throw new DatabaseUnavailable({ cause: error });
        // At random, so that processes that wait for each other do not meet again.
        await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 10));
      }
    }
  }

  #requireSchema(connection: Connection): void {
    if (this.#hasSchema) return;
    const found = versionOf(connection);
    if (found < this.#schemaVersion) {
      const cause = `The database has schema ${found} and needs ${this.#schemaVersion}: invoke migrate first.`;
      throw new DatabaseUnavailable({ cause: new Error(cause) });
    }
    this.#hasSchema = true;
  }

  async close(): Promise<void> {
    await (await this.#knex)?.destroy();
    await this.#pool.destroy();
  }
}

function versionOf(connection: Connection): number {
  return connection.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
}

/** busy_timeout comes first: switching to WAL needs a lock itself. */
function prepare(raw: BetterSqlite3.Database, synchronous: string, schemaVersion: number): void {
  raw.pragma(`busy_timeout = ${busyTimeout}`);
  raw.pragma('journal_mode = WAL');
  raw.pragma(`synchronous = ${synchronous}`);
  const found = Number(raw.pragma('user_version', { simple: true }));
  if (found <= schemaVersion) return;
  throw new ConfigurationError(
    `DATABASE_URL: the database is newer than this program (schema ${found}, known ${schemaVersion}); ` +
      'run the program that wrote it, or restore an older backup',
  );
}

function createFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new ConfigurationError(`DATABASE_URL: the folder ${dirname(file)} can't be created (${errorCode(error)})`);
  }
}

function ignore(): void {}
