/**
 * A pool of one connection for Knex. With one connection, a read never sees half of a write of the same process.
 */
import BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import { Connection } from './connection.ts';

/** Opens one SQLite connection on first use, and lends it to one user at a time. */
export class SingleConnection implements Knex.TarnPoolLike {
  readonly #open: () => BetterSqlite3.Database;
  #raw: BetterSqlite3.Database | undefined;
  #connection: Connection | undefined;
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param file path of the database
   * @param prepare sets the PRAGMAs of a new connection; if it throws, the connection is closed
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
   * Runs synchronous work on the connection. If Knex holds the connection, waits for its release first.
   * @throws SqliteError when the file can't be opened
   */
  async use<T>(work: (connection: Connection) => T): Promise<T> {
    while (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const raw = this.#opened();
    this.#connection ??= new Connection(raw);
    return work(this.#connection);
  }

  // The methods below are the interface of a pool that Knex requires.

  /** @returns the connection, which belongs to the caller until it calls `release` */
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
