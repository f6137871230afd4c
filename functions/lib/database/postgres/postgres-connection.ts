/** One client of PostgreSQL, lent to one piece of work. */
import type { ClientBase, QueryResult } from 'pg';
import type { Buildable, Connection, Row, Value, Write, WriteResult } from '../engine.ts';
import { ResourceChanges } from '../resource-changes.ts';
import { runWrites, type WriteStep } from '../run-writes.ts';
import { clientError, isConflict } from './errors.ts';
import { identity } from './identity.ts';

/** Searches make ever new texts of SQL, so the number of texts with a name is limited. */
const maxNamedTexts = 200;

/**
 * A statement with a JSON list for its parameter gets no name. The server keeps the plan of a named one until it has new statistics
 * of a table, and a plan for a table that was nearly empty reads all of the table for each list while a new directory grows.
 */
const takesList = /\bjsonb?_/;

/** A write has failed after it changed something, and no savepoint can undo its changes alone. */
export class SavepointMissing extends Error {
  override readonly name = 'SavepointMissing';
}

/** The texts of one process: parameters numbered, and named if the server shall keep their plans. */
export class StatementTexts {
  readonly #named: boolean;
  readonly #texts = new Map<string, { readonly text: string; readonly name?: string }>();

  /** @param named whether statements are prepared under a name */
  constructor(named: boolean) {
    this.#named = named;
  }

  /** @param sql with `?` or `$1` for each parameter */
  find(sql: string): { readonly text: string; readonly name?: string } {
    const known = this.#texts.get(sql);
    if (known !== undefined) return known;
    let count = 0;
    const text = sql.includes('$1') ? sql : sql.replace(/\?/g, () => `$${++count}`);
    if (this.#texts.size >= maxNamedTexts) return { text };
    const isNamed = this.#named && !takesList.test(sql);
    const statement = isNamed ? { text, name: `cadastro-${this.#texts.size}` } : { text };
    this.#texts.set(sql, statement);
    return statement;
  }
}

interface Mode {
  readonly inTransaction: boolean;
  /** Whether each write gets a savepoint. Without savepoints a batch needs two thirds fewer round trips. */
  readonly withSavepoints: boolean;
}

/** An asynchronous connection to PostgreSQL. */
export class PostgresConnection implements Connection {
  readonly changes = new ResourceChanges();
  readonly identity = identity;
  readonly #client: ClientBase;
  readonly #texts: StatementTexts;
  readonly #mode: Mode;
  #hasChanged = false;

  constructor(client: ClientBase, texts: StatementTexts, mode: Mode = { inTransaction: false, withSavepoints: false }) {
    this.#client = client;
    this.#texts = texts;
    this.#mode = mode;
  }

  async all<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): Promise<T[]> {
    return (await this.#query<T>(sql, bindings)).rows;
  }

  async get<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): Promise<T | undefined> {
    return (await this.#query<T>(sql, bindings)).rows[0];
  }

  async run(sql: string, ...bindings: readonly Value[]): Promise<{ readonly changes: number }> {
    return { changes: (await this.#query(sql, bindings)).rowCount ?? 0 };
  }

  /** Without a name, the server plans the query for its values: a search for a rare word and one for a common word differ. */
  async rows<T extends Row = Row>(query: Buildable): Promise<T[]> {
    const { sql, bindings } = query.toSQL().toNative();
    return (await this.#client.query<T>(sql, bindings as Value[])).rows;
  }

  change(query: Buildable): Promise<{ readonly changes: number }> {
    const { sql, bindings } = query.toSQL().toNative();
    return this.run(sql, ...(bindings as Value[]));
  }

  async snapshot<T>(work: (connection: Connection) => T | Promise<T>): Promise<T> {
    if (this.#mode.inTransaction) return work(this);
    await this.#client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    try {
      return await work(this);
    } finally {
      await this.#client.query('COMMIT');
    }
  }

  each(writes: readonly Write[]): Promise<WriteResult[]> {
    return runWrites(this, writes, (step) => this.#attempt(step));
  }

  async #attempt(step: WriteStep): Promise<WriteResult<readonly WriteResult[]>> {
    const { withSavepoints } = this.#mode;
    this.#hasChanged = false;
    if (withSavepoints) await this.#client.query('SAVEPOINT work');
    let value: readonly WriteResult[];
    try {
      value = await this.changes.undoOnError(() => step(this));
    } catch (error) {
      // The engine runs the whole transaction again.
      if (isConflict(error)) throw error;
      if (withSavepoints) await this.#client.query('ROLLBACK TO work; RELEASE work');
      else if (this.#hasChanged || (error instanceof Error && 'severity' in error)) {
        throw new SavepointMissing('The batch runs again with savepoints.', { cause: error });
      }
      return { error: clientError(error) };
    }
    if (withSavepoints) await this.#client.query('RELEASE work');
    return { value };
  }

  #query<T extends Row>(sql: string, bindings: readonly Value[]): Promise<QueryResult<T>> {
    if (!/^\s*select\b/i.test(sql)) this.#hasChanged = true;
    return this.#client.query<T>({ ...this.#texts.find(sql), values: [...bindings] });
  }
}
