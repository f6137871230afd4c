/** Brings a PostgreSQL database to the schema of this program. The function `migrate` runs it at each start. */
import type { Knex } from 'knex';
import pg from 'pg';
import type { Migration } from '#migrations';
import type { PostgresConfig } from '../../config.ts';
import { ConfigurationError } from '../../errors.ts';
import type { Row, Value } from '../engine.ts';
import {
  LentConnection,
  migrationTable,
  newerDatabase,
  type RanMigration,
  runMigrations,
  selectRanMigrations,
  servesVersion,
} from '../run-migrations.ts';
import { codeOf, isUnavailable } from './errors.ts';
import { makeSearchIndexes } from './search-indexes.ts';

/** How long a start waits for a server that does not answer yet. */
const startTimeoutMs = 30_000;
const attemptPauseMs = 500;

const oldestVersion = 15;

/** Any number that no other program on the database uses for an advisory lock. */
const migrationLock = 7_214_053_961;

/**
 * Gives each text the order of bytes, which SQLite has, and each whole number 64 bits: an integer of PostgreSQL has 32. A
 * column that a migration has just made is empty, so the change costs nothing.
 */
const adaptColumns = `DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name <> '${migrationTable}'
      AND ((data_type = 'text' AND collation_name IS DISTINCT FROM 'C') OR data_type = 'integer')
  LOOP
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE %s', found.table_name, found.column_name,
      CASE found.data_type WHEN 'text' THEN 'text COLLATE "C"' ELSE 'bigint' END);
  END LOOP;
  FOR found IN SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() AND data_type::text = 'integer'
  LOOP
    EXECUTE format('ALTER SEQUENCE %I AS bigint', found.sequencename);
  END LOOP;
END $$`;

/** A connection that reads rows. */
interface Reader {
  all<T extends Row>(sql: string, ...bindings: Value[]): Promise<T[]>;
}

/** @returns the migrations that the database has run, oldest first; none for one that is new */
export async function ranMigrations(connection: Reader): Promise<RanMigration[]> {
  const [known] = await connection.all<{ name: string | null }>(
    `SELECT to_regclass('${migrationTable}')::text AS name`,
  );
  return known?.name ? connection.all<Row & RanMigration>(selectRanMigrations) : [];
}

/**
 * Runs the migrations that the database has not seen, all in one transaction: a process that dies leaves it as it was.
 * @param isFunction whether a newer database will do whose migrations serve older functions
 * @returns the names of the migrations that ran
 * @throws {ConfigurationError} when the server can't be reached, is too old, or refuses the user
 */
export async function migrateServer(
  config: PostgresConfig,
  migrations: readonly Migration[],
  isFunction: boolean,
): Promise<string[]> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const client = newClient(config);
    try {
      await client.connect();
      const ran = await migrate(client, migrations, isFunction);
      await makeSearchIndexes(client, async () => {
        const other = newClient(config);
        await other.connect();
        return other;
      });
      return ran;
    } catch (error) {
      const isLogin = /^(28...|3D000)$/.test(codeOf(error));
      if (error instanceof ConfigurationError || !isUnavailable(error)) throw error;
      if (isLogin || performance.now() > deadline) {
        const { host, port } = config.client;
        throw new ConfigurationError(
          `DATABASE_URL: PostgreSQL at ${host}:${port} can't be used (${(error as Error).message}); check the address, the user, the password and that the server runs`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, attemptPauseMs));
    } finally {
      client.end().catch(() => {});
    }
  }
}

function newClient(config: PostgresConfig): pg.Client {
  const client = new pg.Client({ ...config.client, connectionTimeoutMillis: startTimeoutMs });
  client.on('error', () => {});
  return client;
}

async function migrate(client: pg.Client, migrations: readonly Migration[], isFunction: boolean): Promise<string[]> {
  await requireServer(client);
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${migrationLock})`);
    const known = await ranMigrations(readerOf(client));
    const isNewer = known.length > migrations.length;
    if (isNewer && !(isFunction && servesVersion(migrations.length, known))) {
      throw newerDatabase(known.length, migrations);
    }
    const knex = await openKnex(new LentConnection(client));
    const ran = isNewer ? [] : await runMigrations(knex, migrations);
    if (ran.length > 0) await client.query(adaptColumns);
    await client.query('COMMIT');
    return ran;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** @throws {ConfigurationError} for a server that lacks what the engine relies on */
async function requireServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number; encoding: string }>(
    `SELECT version(), current_setting('server_version_num')::int AS number, current_setting('server_encoding') AS encoding`,
  );
  const { version = '', number = 0, encoding = '' } = rows[0] ?? {};
  if (!version.startsWith('PostgreSQL') || number < oldestVersion * 10_000) {
    throw new ConfigurationError(`DATABASE_URL: the server is ${version}; use PostgreSQL ${oldestVersion} or later`);
  }
  if (encoding !== 'UTF8')
    throw new ConfigurationError(`DATABASE_URL: the database has the encoding ${encoding}; create one with UTF8`);
}

function readerOf(client: pg.Client): Reader {
  return { all: async (sql, ...bindings) => (await client.query(sql, bindings)).rows };
}

/** @param connectionPool without it, Knex only builds queries */
export async function openKnex(connectionPool?: Knex.TarnPoolLike): Promise<Knex> {
  const { default: knex } = await import('knex');
  return knex({ client: 'pg', ...(connectionPool && { connectionPool }) });
}
