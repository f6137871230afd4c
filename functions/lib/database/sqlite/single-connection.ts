/** The one connection of a process. With one connection, a read never sees half of a write of the same process. */
import BetterSqlite3 from 'better-sqlite3';
import { DatabaseFileLost } from '../../errors.ts';
import { DatabaseFiles, identify, requireLog, wasReplaced } from './database-files.ts';
import { isBusy } from './errors.ts';
import { SqliteConnection } from './sqlite-connection.ts';

/** Attempts to open a file that something replaces at the same time. */
const maxOpenAttempts = 3;

/** How long the log may be missing while other processes have the database open (ms): they may open or close it just now. */
const maxMissingLogMs = 1_000;

/** Opens one SQLite connection on first use, and lends it to one piece of work at a time. */
export class SingleConnection {
  readonly #file: string;
  readonly #prepare: (raw: BetterSqlite3.Database) => void;
  readonly #refusesReplaced: boolean;
  #files: DatabaseFiles | undefined;
  #raw: BetterSqlite3.Database | undefined;
  #connection: SqliteConnection | undefined;
  /** Since when the log is missing, by performance.now(); undefined when it is not. */
  #missingLogSince: number | undefined;
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param file path of the database, which must exist when the connection is first used
   * @param prepare sets the PRAGMAs of a new connection and reads; if it throws, the connection is closed
   * @param refusesReplaced whether `use` refuses another file than the one at the last start of the API
   */
  constructor(file: string, prepare: (raw: BetterSqlite3.Database) => void, refusesReplaced: boolean) {
    this.#file = file;
    this.#prepare = prepare;
    this.#refusesReplaced = refusesReplaced;
  }

  /**
   * Runs work on the connection, which belongs to the work until it ends. If other work or a migration has the connection, waits first.
   * @throws SqliteError when the file can't be opened
   * @throws {DatabaseFileLost} when there is no file
   */
  async use<T>(work: (connection: SqliteConnection) => T | Promise<T>): Promise<T> {
    while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
    try {
      if (this.#raw === undefined && this.#refusesReplaced && wasReplaced(this.#file)) throw new DatabaseFileLost();
      this.#connection ??= new SqliteConnection(this.#opened());
      const result = work(this.#connection);
      return result instanceof Promise ? await result : result;
    } finally {
      this.release();
    }
  }

  /** Whether the path still leads to the open database. A connection that is not open yet has lost nothing. */
  get hasFiles(): boolean {
    return this.#files === undefined || this.#files.stillThere();
  }

  /**
   * Lends the connection until `release`.
   * @throws as `use`
   */
  async hold(): Promise<BetterSqlite3.Database> {
    while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
    try {
      return this.#opened();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    this.#held = false;
    this.#waiting.shift()?.();
  }

  close(): void {
    this.#raw?.close();
    this.#raw = undefined;
    this.#connection = undefined;
    this.#files = undefined;
  }

  #opened(): BetterSqlite3.Database {
    this.#raw ??= this.#open();
    return this.#raw;
  }

  /**
   * SQLite does not tell which file it has opened. So the path must lead to the same file before and after.
   * @throws {DatabaseFileLost} when there is no file, or it changes again and again, or its log stays missing
   * @throws SqliteError with code SQLITE_BUSY when its log is missing, perhaps for a moment
   */
  #open(): BetterSqlite3.Database {
    for (let attempt = 1; ; attempt++) {
      const before = identify(this.#file);
      if (before === undefined) throw new DatabaseFileLost();
      this.#requireLog();
      const raw = new BetterSqlite3(this.#file, { fileMustExist: true });
      try {
        this.#prepare(raw);
        this.#files = DatabaseFiles.at(this.#file);
        if (this.#files?.sameDatabase(before)) return raw;
        if (attempt === maxOpenAttempts) throw new DatabaseFileLost();
      } catch (error) {
        raw.close();
        throw error;
      }
      raw.close();
    }
  }

  #requireLog(): void {
    try {
      requireLog(this.#file);
      this.#missingLogSince = undefined;
    } catch (error) {
      if (!isBusy(error)) throw error;
      this.#missingLogSince ??= performance.now();
      if (performance.now() - this.#missingLogSince > maxMissingLogMs) throw new DatabaseFileLost();
      throw error;
    }
  }
}
