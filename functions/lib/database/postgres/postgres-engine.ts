/**
 * A PostgreSQL database, 15 or later. A write transaction locks the one row of `cache_state` first, which has the meaning of
 * SQLite's BEGIN IMMEDIATE: until it ends, no other process writes, and none changes the state of the cache.
 * @see infra/docs/decisions/039-postgresql.md
 */
import type { Knex } from 'knex';
import pg from 'pg';
import type { Migration } from '#migrations';
import type { PostgresConfig } from '../../config.ts';
import { DatabaseUnavailable, SchemaMismatch, WriteOutcomeUnknown } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { servesVersion } from '../run-migrations.ts';
import { clientError, isBusy, isConflict, isLost, isRefusal, isSchemaFault } from './errors.ts';
import { run } from './identity.ts';
import { migrateServer, openKnex, ranMigrations } from './migrate-server.ts';
import { PostgresConnection, SavepointMissing, StatementTexts } from './postgres-connection.ts';

/** How long work that met a conflict or a busy server runs again, and the longest pause between two attempts. */
const retryTimeoutMs = 5_000;
const maxPauseMs = 50;

/** How long a request waits for a connection. */
const connectTimeoutMs = 5_000;

/** How long a statement may take: less than a function's time-out, so that the client gets an answer of ours. */
const queryTimeoutMs = 8_000;

/** Connections without work are closed after this time. */
const idleTimeoutMs = 10_000;

/** How long a write whose connection was lost at its COMMIT asks for its outcome. */
const outcomeTimeoutMs = 3_000;

/** The server ends a transaction whose client is silent for longer, so that its lock does not outlive the client. */
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
  SET LOCAL lock_timeout = 5000; SET LOCAL idle_in_transaction_session_timeout = 10000;
  SELECT pg_current_xact_id()::text AS id, pg_backend_pid() AS pid, ${run} AS run
  FROM cache_state WHERE id = 1 FOR UPDATE`;

/** Ends the transaction if its server process still waits for the COMMIT, which then comes too late. */
const askOutcome = `SELECT pg_xact_status($1::text::xid8) AS status, ${run} AS run,
  (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
   WHERE pid = $2::int AND backend_xid = ($1::text::xid8)::xid AND state LIKE 'idle%') AS ended`;

/** Identifies a transaction. */
interface TransactionId {
  readonly id: string;
  readonly pid: number;
  /** The run of the server that has given the number. */
  readonly run: string;
}

/** The database's answer to the question how a transaction ended. */
interface Outcome {
  readonly status: 'committed' | 'aborted' | 'in progress' | null;
  readonly run: string;
}

/** PostgreSQL, with a small pool of connections for this process. */
export class PostgresEngine implements Engine {
  readonly #config: PostgresConfig;
  readonly #schemaVersion: number;
  readonly #isFunction: boolean;
  readonly #texts: StatementTexts;
  readonly #pool: pg.Pool;
  #hasSchema = false;
  #knex: Promise<Knex> | undefined;

  /**
   * @param schemaVersion the schema version that this program works with
   * @param isFunction whether a newer schema will do that serves older functions; a command would leave out what it does not know
   */
  constructor(config: PostgresConfig, schemaVersion: number, isFunction = false) {
    this.#config = config;
    this.#schemaVersion = schemaVersion;
    this.#isFunction = isFunction;
    this.#texts = new StatementTexts(config.preparedStatements);
    this.#pool = new pg.Pool({
      ...config.client,
      types,
      max: config.connections,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: config.queryTimeoutMs ?? queryTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      allowExitOnIdle: true,
    });
    // A lost connection fails the statement that waits for it. Without a listener, it would end the process as well.
    this.#pool.on('connect', (client) => client.on('error', ignore));
    this.#pool.on('error', ignore);
  }

  knex(): Promise<Knex> {
    this.#knex ??= openKnex();
    return this.#knex;
  }

  use<T>(work: (connection: PostgresConnection) => T | Promise<T>): Promise<T> {
    return this.#retry(() =>
      this.#lend(async (client) => {
        const connection = new PostgresConnection(client, this.#texts);
        await this.#requireSchema(connection);
        return work(connection);
      }),
    );
  }

  /**
   * @param work runs again when the server rolled its transaction back
   * @throws {WriteOutcomeUnknown} when the connection was lost at the COMMIT, and the database does not tell its outcome
   */
  transact<T>(work: (connection: PostgresConnection) => T | Promise<T>): Promise<T> {
    let withSavepoints = false;
    return this.#retry(async () => {
      for (;;) {
        try {
          return await this.#lend((client) => this.#transaction(client, work, withSavepoints));
        } catch (error) {
          if (error instanceof CommitLost) return this.#outcome(error as CommitLost<T>);
          if (!(error instanceof SavepointMissing)) throw error;
          withSavepoints = true;
        }
      }
    });
  }

  /** A server has no file that this process could lose. */
  requireFiles(): void {}

  migrate(migrations: readonly Migration[]): Promise<string[]> {
    return migrateServer(this.#config, migrations, this.#isFunction);
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }

  async #transaction<T>(
    client: pg.PoolClient,
    work: (connection: PostgresConnection) => T | Promise<T>,
    withSavepoints: boolean,
  ): Promise<T> {
    let transaction: TransactionId | undefined;
    let done: { readonly value: T } | undefined;
    try {
      const results = (await client.query(begin)) as unknown as pg.QueryResult<TransactionId>[];
      transaction = results.at(-1)?.rows[0];
      const connection = new PostgresConnection(client, this.#texts, { inTransaction: true, withSavepoints });
      await this.#requireSchema(connection);
      done = { value: await work(connection) };
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new DatabaseUnavailable();
      return done.value;
    } catch (error) {
      const isOpen = !isLost(error);
      if (isOpen) await client.query('ROLLBACK');
      // Before its COMMIT is sent, a transaction can't commit. After that, only the database knows.
      if (done === undefined || isRefusal(error) || isOpen) throw error;
      throw new CommitLost(transaction as TransactionId, done.value, error);
    }
  }

  /**
   * @returns the value, if the transaction has committed
   * @throws the error that has ended the connection, if the transaction was rolled back
   */
  async #outcome<T>({ transaction: { id, pid, run }, value, cause }: CommitLost<T>): Promise<T> {
    const deadline = performance.now() + outcomeTimeoutMs;
    while (performance.now() < deadline) {
      const answer = await this.#lend((client) => client.query<Outcome>(askOutcome, [id, pid])).catch(ignore);
      const found = answer?.rows[0];
      // After a crash, and on another timeline, the number may belong to another transaction.
      if (found !== undefined && found.run !== run) break;
      if (found?.status === 'committed') return value;
      if (found?.status === 'aborted') throw cause;
      await pause();
    }
    throw new WriteOutcomeUnknown({ cause });
  }

  /** Runs work; again, if that is safe. Everything that `work` did is undone when it throws. */
  async #retry<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + retryTimeoutMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (isSchemaFault(error))
          await this.#lend((client) => this.#checkSchema(new PostgresConnection(client, this.#texts)));
        const mayRetry = (isLost(error) && attempt === 1) || isConflict(error) || isBusy(error);
        if (mayRetry && performance.now() < deadline) await pause();
        else throw clientError(error);
      }
    }
  }

  async #lend<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let isBroken = false;
    try {
      return await work(client);
    } catch (error) {
      isBroken = isLost(error) || isConflict(error) || error instanceof CommitLost;
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  async #requireSchema(connection: PostgresConnection): Promise<void> {
    if (!this.#hasSchema) await this.#checkSchema(connection);
  }

  /** The version is read again for each piece of work until it fits: `migrate` may run at any time. */
  async #checkSchema(connection: PostgresConnection): Promise<void> {
    const own = this.#schemaVersion;
    const ran = await ranMigrations(connection);
    this.#hasSchema = ran.length === own || (this.#isFunction && servesVersion(own, ran));
    if (!this.#hasSchema) throw new SchemaMismatch(ran.length, own);
  }
}

/** The connection was lost after the COMMIT was sent. */
class CommitLost<T> extends Error {
  override readonly name = 'CommitLost';
  readonly transaction: TransactionId;
  readonly value: T;

  constructor(transaction: TransactionId, value: T, cause: unknown) {
    super('The connection was lost after the COMMIT was sent.', { cause });
    this.transaction = transaction;
    this.value = value;
  }
}

/** 64-bit integers are numbers: no id and no time of this program is larger than a number can hold. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * (maxPauseMs - 1)));
}

function ignore(): void {}
