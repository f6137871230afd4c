/**
 * One open SQLite connection. It prepares each statement once and keeps it.
 */
import type BetterSqlite3 from 'better-sqlite3';
import type { Buildable, Connection, Row, Value, Write, WriteResult } from '../engine.ts';
import { ResourceChanges } from '../resource-changes.ts';
import { runWrites, type WriteStep } from '../run-writes.ts';
import { around } from './around.ts';
import { isUnusable } from './errors.ts';

/** Searches make ever new texts of SQL, so the number of kept statements is limited. */
const maxStatements = 200;

/** A synchronous connection to a SQLite file. */
export class SqliteConnection implements Connection {
  readonly changes = new ResourceChanges();
  readonly identity = "''";
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

  /** @returns the number of changed rows */
  run(sql: string, ...bindings: readonly Value[]): { readonly changes: number } {
    return this.#prepare(sql).run(...bindings);
  }

  /** @returns all rows of a query that Knex has built */
  rows<T extends Row = Row>(query: Buildable): T[] {
    const { sql, bindings } = query.toSQL().toNative();
    return this.all<T>(sql, ...(bindings as Value[]));
  }

  /** Runs a change that Knex has built. @returns as `run` */
  change(query: Buildable): { readonly changes: number } {
    const { sql, bindings } = query.toSQL().toNative();
    return this.run(sql, ...(bindings as Value[]));
  }

  /** Runs reads that all see the same state of the database; inside a transaction they do so anyway. */
  snapshot<T>(work: (connection: Connection) => T): T {
    if (this.inTransaction) return work(this);
    this.run('BEGIN');
    const end = () => this.#end('COMMIT');
    return around(() => work(this), { done: end, failed: end });
  }

  /**
   * Takes the write lock, runs the work and commits. If the work throws, rolls back.
   * @throws SqliteError with code SQLITE_BUSY when another process holds the lock for longer than the busy time-out
   */
  transaction<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    return around(work, { done: () => this.run('COMMIT'), failed: () => this.#end('ROLLBACK') });
  }

  /** Runs the work inside a transaction. If the work throws, undoes its changes and keeps those before it. */
  savepoint<T>(work: () => T): T {
    this.run('SAVEPOINT work');
    const undo = () => {
      this.#end('ROLLBACK TO work');
      this.#end('RELEASE work');
    };
    return around(work, { done: () => this.run('RELEASE work'), failed: undo });
  }

  each(writes: readonly Write[]): Promise<WriteResult[]> {
    return runWrites(this, writes, (step) => this.#attempt(step));
  }

  async #attempt(step: WriteStep): Promise<WriteResult<readonly WriteResult[]>> {
    try {
      return { value: await this.changes.undoOnError(() => this.savepoint(() => step(this))) };
    } catch (error) {
      // After some errors, such as a full disk, SQLite has rolled back the whole transaction with the other writes in it.
      if (!this.inTransaction || isUnusable(error)) throw error;
      return { error };
    }
  }

  #end(statement: string): void {
    if (this.inTransaction) this.run(statement);
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
