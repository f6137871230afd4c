/**
 * The interface of the database. SQLite and PostgreSQL implement it; repositories and the cache protocol are written once
 * against it.
 *
 * SQLite answers at once and PostgreSQL later, so callers await every statement. Awaiting a value that is there already
 * yields to microtasks only: a write transaction on SQLite still runs without a pause.
 */
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import type { ResourceChanges } from './resource-changes.ts';

/** A value, or the promise of one. */
export type MaybePromise<T> = T | Promise<T>;

/** A value in a row, or bound to a parameter of a statement. */
export type Value = string | number | null;
/** A row: values by column name. */
export type Row = Record<string, Value>;

/** A statement that Knex has built. */
export interface Buildable {
  toSQL(): { toNative(): { sql: string; bindings: readonly unknown[] } };
}

/** The result of one write of a transaction. */
export type WriteResult<T = unknown> = { readonly value: T } | { readonly error: unknown };

/** One piece of work on the database. Statements are texts with `?` for each parameter, or queries of Knex. */
export interface Connection {
  /** The changes of resources that the writes of `each` have recorded so far. */
  readonly changes: ResourceChanges;
  /** An SQL expression: a text that differs when the database may have gone back in time; always empty where nobody can tell. */
  readonly identity: string;
  /** @returns all rows of a query */
  all<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): MaybePromise<T[]>;
  /** @returns the first row of a query */
  get<T extends Row = Row>(sql: string, ...bindings: readonly Value[]): MaybePromise<T | undefined>;
  /** @returns the number of changed rows */
  run(sql: string, ...bindings: readonly Value[]): MaybePromise<{ readonly changes: number }>;
  /** @returns all rows of a query that Knex has built */
  rows<T extends Row = Row>(query: Buildable): MaybePromise<T[]>;
  /** Runs a change that Knex has built. @returns the number of changed rows */
  change(query: Buildable): MaybePromise<{ readonly changes: number }>;
  /** Runs reads that all see the same state of the database; inside a transaction they do so anyway. */
  snapshot<T>(work: (connection: Connection) => MaybePromise<T>): MaybePromise<T>;
  /**
   * Runs several writes inside a transaction, and then stores what they have recorded in `changes`. When a write throws, its
   * changes are undone and those of the others stay.
   * @returns one result for each write, in the same order
   * @throws the database's error when it has rolled back the whole transaction
   */
  each(writes: readonly Write[]): MaybePromise<WriteResult[]>;
}

/** One write of a transaction: a function of its own, or an input of a function that takes many inputs at once. */
export type Write = SingleWrite | BulkWrite;

/** Awaits nothing but statements on its connection. */
export type SingleWrite = (connection: Connection) => unknown;

/** A write that runs together with those beside it whose `work` is the same function. */
export interface BulkWrite<Input = unknown, T = unknown> {
  /**
   * Awaits nothing but statements on its connection.
   * @returns one result for each input, in the same order; an input with an error has changed nothing
   */
  work(connection: Connection, inputs: readonly Input[]): MaybePromise<readonly WriteResult<T>[]>;
  readonly input: Input;
}

/** A database that several processes share. */
export interface Engine {
  /** @returns Knex, which builds queries and runs migrations; loading it takes a third of a function's start */
  knex(): Promise<Knex>;
  /**
   * Runs reads, or a single change. If the database is busy, runs the work again.
   * @param work awaits nothing but statements on its connection
   * @throws {DatabaseUnavailable} when the database can't be reached, or stays locked
   * @throws {SchemaMismatch} when the database has another schema version than this program, and does not serve it
   */
  use<T>(work: (connection: Connection) => MaybePromise<T>): Promise<T>;
  /**
   * Runs the work in a transaction that no other process can write beside, and commits it.
   * @param work as in `use`; if it throws, its changes are undone
   * @throws {DatabaseFileLost} when the database file was deleted, moved or replaced
   * @throws {WriteOutcomeUnknown} when nobody can tell whether the transaction has committed
   */
  transact<T>(work: (connection: Connection) => MaybePromise<T>): Promise<T>;
  /** @throws {DatabaseFileLost} when a write would be lost because the open file is not the database any more */
  requireFiles(): void;
  /**
   * Creates the database if the engine can, and runs the migrations that it has not seen.
   * @returns the names of the migrations that ran
   * @throws {ConfigurationError} when the database can't be used
   */
  migrate(migrations: readonly Migration[]): Promise<string[]>;
  close(): Promise<void>;
}
