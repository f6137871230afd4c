/**
 * One open SQLite connection: statements are prepared once and kept.
 */
import type BetterSqlite3 from 'better-sqlite3';

/** What a value in a row, or bound to a statement, can be. */
export type Value = string | number | null;
export type Row = Record<string, Value>;

/** Anything that Knex can turn into SQL. */
interface Buildable {
  toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } };
}

/** Statements kept per connection; each distinct text of SQL counts. */
const maxStatements = 200;

export class Connection {
  readonly #raw: BetterSqlite3.Database;
  readonly #statements = new Map<string, BetterSqlite3.Statement<unknown[]>>();

  constructor(raw: BetterSqlite3.Database) {
    this.#raw = raw;
  }

  /** Inside a transaction; SQLite leaves it by itself after some errors, such as a full disk. */
  get inTransaction(): boolean {
    return this.#raw.inTransaction;
  }

  /** @returns the rows of a query */
  all<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): T[] {
    return this.#prepare(sql).all(...bindings) as T[];
  }

  /** @returns the first row of a query */
  get<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): T | undefined {
    return this.#prepare(sql).get(...bindings) as T | undefined;
  }

  /** @returns the number of rows changed, and the id of the row inserted last */
  run(sql: string, ...bindings: readonly Value[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...bindings);
    return { changes, lastId: Number(lastInsertRowid) };
  }

  /** @returns the rows of a query that Knex built */
  rows<T extends Row = Row>(query: Buildable): T[] {
    const { sql, bindings } = query.toSQL().toNative();
    return this.all<T>(sql, ...(bindings as Value[]));
  }

  /** Runs a change that Knex built. */
  change(query: Buildable): { changes: number; lastId: number } {
    const { sql, bindings } = query.toSQL().toNative();
    return this.run(sql, ...(bindings as Value[]));
  }

  /** All of the reads inside see the same state of the database. */
  snapshot<T>(work: () => T): T {
    this.run('BEGIN');
    try {
      return work();
    } finally {
      if (this.inTransaction) this.run('COMMIT');
    }
  }

  /**
   * Takes the write lock, runs the work and commits; rolls back if it throws.
   * @throws SqliteError SQLITE_BUSY when another process holds the lock for longer than the busy time-out
   */
  transaction<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      if (this.inTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  /** Runs the work; if it throws, undoes what it did and keeps the rest of the transaction. */
  savepoint<T>(work: () => T): T {
    this.run('SAVEPOINT work');
    try {
      const result = work();
      this.run('RELEASE work');
      return result;
    } catch (error) {
      if (this.inTransaction) {
        this.run('ROLLBACK TO work');
        this.run('RELEASE work');
      }
      throw error;
    }
  }

  #prepare(sql: string): BetterSqlite3.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= maxStatements) this.#statements.clear();
      statement = this.#raw.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** @returns the code of a system or SQLite error, such as ENOENT or SQLITE_BUSY */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}

/** Another process holds a lock that this one needs; trying again helps. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(errorCode(error));
}

/** The file can't be read or written at all, by anyone. */
export function isUnusable(error: unknown): boolean {
  return /^SQLITE_(CANTOPEN|IOERR|READONLY|NOTADB|CORRUPT|FULL)/.test(errorCode(error));
}
