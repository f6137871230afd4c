/**
 * The SQLite file. Knex builds the SQL; the statements of one piece of work run on one connection, and no other work of this
 * process runs between them, so no request sees half of them.
 */
import type BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import { ConfigurationError, DatabaseFileLost, DatabaseUnavailable, SchemaMismatch } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { LentConnection } from '../run-migrations.ts';
import { around } from './around.ts';
import { createDatabaseFile, isReplacedWhileUsed, recordIdentity } from './database-files.ts';
import { errorCode, isBusy, isUnusable } from './errors.ts';
import { fileServes, migrateFile, refuseForeign } from './migrate-file.ts';
import { SingleConnection } from './single-connection.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

/** SQLite's own wait for another process's lock blocks this process, so it is short. `use` waits between attempts. */
const busyTimeoutMs = 5;

/** How long a request tries to get the lock. */
const lockTimeoutMs = 5_000;

/** The longest pause between two attempts. Each pause is random, so that waiting processes do not collide again. */
const maxLockPauseMs = 11;

/** How to open a file. */
export interface SqliteOptions {
  /** Path of the file. */
  readonly file: string;
  /** SQLite's `synchronous` pragma. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** The schema version that this program works with. Work on a file with another version fails. */
  readonly schemaVersion: number;
  /**
   * For a function: `migrate` records which file is the database, and work on another file fails until it runs again. Commands
   * may use a file that was put into the place of the database while the API was stopped. A function goes on with a newer
   * schema that serves older programs; a command would leave out what it does not know.
   */
  readonly isFunction?: boolean;
}

/** A SQLite database that several processes share. */
export class SqliteEngine implements Engine {
  readonly file: string;
  readonly #pool: SingleConnection;
  readonly #schemaVersion: number;
  readonly #isFunction: boolean;
  #hasSchema = false;
  #knex: Promise<Knex> | undefined;

  constructor({ file, synchronous, schemaVersion, isFunction = false }: SqliteOptions) {
    this.file = file;
    this.#schemaVersion = schemaVersion;
    this.#isFunction = isFunction;
    this.#pool = new SingleConnection(file, (raw) => setPragmas(raw, synchronous), isFunction);
  }

  /**
   * Creates the file and its folder, unless they exist. Only the start of the API does so. A process that starts later must
   * not create an empty database in the place of one that was deleted.
   * @throws {ConfigurationError} when the file can't be created
   */
  create(): void {
    createDatabaseFile(this.file);
  }

  knex(): Promise<Knex> {
    this.#knex ??= openKnex();
    return this.#knex;
  }

  /**
   * Runs work on the connection. If another process holds a lock, runs the work again.
   * @param work must not have changed anything when it throws SQLITE_BUSY
   * @throws {DatabaseUnavailable} when the file can't be opened, or another process keeps it locked
   * @throws {SchemaMismatch} when the file has another schema version than this program
   */
  async use<T>(work: (connection: SqliteConnection) => T | Promise<T>): Promise<T> {
    const deadline = performance.now() + lockTimeoutMs;
    for (;;) {
      try {
        return await this.#pool.use((connection) => this.#run(connection, work));
      } catch (error) {
        if (isUnusable(error)) throw new DatabaseUnavailable({ cause: error });
        if (!isBusy(error)) throw error;
        if (performance.now() > deadline) throw new DatabaseUnavailable({ cause: error });
        await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * (maxLockPauseMs - 1)));
      }
    }
  }

  /**
   * Runs the work in a transaction, and commits it to a file that can be opened again.
   * @param work if it throws, its changes are undone
   * @throws {DatabaseFileLost} when the file was deleted, moved or replaced, also during the transaction
   */
  transact<T>(work: (connection: SqliteConnection) => T | Promise<T>): Promise<T> {
    return this.use((connection) => {
      this.requireFiles();
      return around(() => connection.transaction(() => work(connection)), { done: () => this.requireFiles() });
    });
  }

  /** @throws {DatabaseFileLost} when the path does not lead to the open database any more */
  requireFiles(): void {
    if (!this.#pool.hasFiles) throw new DatabaseFileLost();
  }

  async migrate(migrations: readonly Migration[]): Promise<string[]> {
    // Functions that still use the old file would not notice, and those that open the new one would: the data would split.
    if (this.#isFunction && isReplacedWhileUsed(this.file)) {
      throw new ConfigurationError(
        `DATABASE_URL: ${this.file} was deleted or replaced while another process uses it; move it back, or stop that process first`,
      );
    }
    createDatabaseFile(this.file);
    let held: BetterSqlite3.Database | undefined;
    const open = async () => {
      held ??= await this.#pool.hold();
      return held;
    };
    try {
      const ran = await migrateFile(open, (raw) => openKnex(new LentConnection(raw)), migrations, this.#isFunction);
      if (this.#isFunction) recordIdentity(this.file);
      return ran;
    } finally {
      if (held !== undefined) this.#pool.release();
    }
  }

  #run<T>(connection: SqliteConnection, work: (connection: SqliteConnection) => T): T {
    if (!this.#hasSchema) this.#requireSchema(connection);
    return around(() => work(connection), {
      failed: (error) => {
        // A newer program may have migrated the file while this process ran. Then tables or columns are missing.
        if (errorCode(error) === 'SQLITE_ERROR') this.#requireSchema(connection);
      },
    });
  }

  /** The version is read again for each piece of work until it fits: `migrate` may run at any time. */
  #requireSchema(connection: SqliteConnection): void {
    const found = connection.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
    const own = this.#schemaVersion;
    const isServed = this.#isFunction && found > own && fileServes(own, (sql) => connection.all(sql));
    this.#hasSchema = found === own || isServed;
    if (!this.#hasSchema) throw new SchemaMismatch(found, this.#schemaVersion);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    this.#pool.close();
  }
}

/**
 * Sets busy_timeout first, because the switch to WAL needs a lock itself. The file keeps that switch, so one of another
 * program must not get it. The query at the end makes SQLite open the write-ahead log.
 */
function setPragmas(raw: BetterSqlite3.Database, synchronous: string): void {
  raw.pragma(`busy_timeout = ${busyTimeoutMs}`);
  refuseForeign(raw);
  raw.pragma('journal_mode = WAL');
  raw.pragma(`synchronous = ${synchronous}`);
  raw.pragma('user_version');
}

/** @param connectionPool without it, Knex only builds queries */
async function openKnex(connectionPool?: Knex.TarnPoolLike): Promise<Knex> {
  const { default: knex } = await import('knex');
  // Knex would print these messages on stderr, but it also throws them, and the caller logs them.
  const log = { debug: ignore, warn: ignore, error: ignore, deprecate: ignore };
  return knex({ client: 'better-sqlite3', useNullAsDefault: true, log, ...(connectionPool && { connectionPool }) });
}

function ignore(): void {}
