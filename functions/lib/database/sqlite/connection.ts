/**
 * One open SQLite connection. It prepares each statement once and keeps it.
 */
import type BetterSqlite3 from 'better-sqlite3';

/** A value in a row, or bound to a parameter of a statement. */
export type Value = string | number | null;
/** A row: values by column name. */
export type Row = Record<string, Value>;

/** A query that Knex has built. */
interface Buildable {
  toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } };
}

/** Searches make ever new texts of SQL, so the number of kept statements is limited. */
const maxStatements = 200;

/** A synchronous connection to a SQLite file. */
export class Connection {
  readonly #raw: BetterSqlite3.Database;
  readonly #statements = new Map<string, BetterSqlite3.Statement<unknown[]>>();

  constructor(raw: BetterSqlite3.Database) {
    this.#raw = raw;
  }

  /** Whether a transaction is open. SQLite rolls it back by itself after some errors, such as a full disk. */
  get inTransaction(): boolean {
    return this.#raw.inTransaction;
  }

  /** @returns all rows of a query */
  all<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): T[] {
    return this.#prepare(sql).all(...bindings) as T[];
  }

  /** @returns the first row of a query */
  get<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): T | undefined {
    return this.#prepare(sql).get(...bindings) as T | undefined;
  }

  /** @returns the number of changed rows, and the id of the row that was inserted last */
  run(sql: string, ...bindings: readonly Value[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...bindings);
    return { changes, lastId: Number(lastInsertRowid) };
  }

  /** @returns all rows of a query that Knex has built */
  rows<T extends Row = Row>(query: Buildable): T[] {
    const { sql, bindings } = query.toSQL().toNative();
    return this.all<T>(sql, ...(bindings as Value[]));
  }

  /** Runs a change that Knex has built. @returns as `run` */
  change(query: Buildable): { changes: number; lastId: number } {
    const { sql, bindings } = query.toSQL().toNative();
    return this.run(sql, ...(bindings as Value[]));
  }

  /** Runs reads that all see the same state of the database; inside a transaction they do so anyway. */
  snapshot<T>(work: () => T): T {
    if (this.inTransaction) return work();
    this.run('BEGIN');
    try {
      return work();
    } finally {
      if (this.inTransaction) this.run('COMMIT');
    }
  }

  /**
   * Takes the write lock, runs the work and commits. If the work throws, rolls back.
   * @throws SqliteError with code SQLITE_BUSY when another process holds the lock for longer than the busy time-out
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

  /** Runs the work inside a transaction. If the work throws, undoes its changes and keeps those before it. */
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
