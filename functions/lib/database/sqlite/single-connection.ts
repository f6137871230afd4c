/**
 * The pool of one connection that Knex gets: SQLite in one process has no use for a second one, and reads never see
 * half of this process's writes.
 */
import BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import { Connection } from './connection.ts';

export class SingleConnection implements Knex.TarnPoolLike {
  readonly #open: () => BetterSqlite3.Database;
  #raw: BetterSqlite3.Database | undefined;
  #connection: Connection | undefined;
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param file the database's path
   * @param prepare sets the PRAGMAs of a new connection; if it throws, the connection is closed again
   */
  constructor(file: string, prepare: (raw: BetterSqlite3.Database) => void) {
    this.#open = () => {
      const raw = new BetterSqlite3(file);
      try {
        prepare(raw);
        return raw;
      } catch (error) {
        raw.close();
        throw error;
      }
    };
  }

  /**
   * Runs work that does not pause, at once unless Knex holds the connection.
   * @throws SqliteError when the file can't be opened, or what the work throws
   */
  async use<T>(work: (connection: Connection) => T): Promise<T> {
    while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const raw = this.#opened();
    this.#connection ??= new Connection(raw);
    return work(this.#connection);
  }

  // The rest is what Knex asks of a pool (it knows one by these methods).

  /** Holds the connection until `release`. */
  acquire(): { promise: Promise<BetterSqlite3.Database> } {
    return { promise: this.#hold() };
  }

  release(raw: BetterSqlite3.Database): boolean {
    if (raw !== this.#raw || !this.#held) return false;
    this.#held = false;
    this.#waiting.shift()?.();
    return true;
  }

  numUsed(): number {
    return this.#held ? 1 : 0;
  }

  numFree(): number {
    return 1 - this.numUsed();
  }

  numPendingAcquires(): number {
    return this.#waiting.length;
  }

  async destroy(): Promise<void> {
    this.#raw?.close();
    this.#raw = undefined;
    this.#connection = undefined;
  }

  async #hold(): Promise<BetterSqlite3.Database> {
    while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const raw = this.#opened();
    this.#held = true;
    return raw;
  }

  #opened(): BetterSqlite3.Database {
    this.#raw ??= this.#open();
    return this.#raw;
  }
}
