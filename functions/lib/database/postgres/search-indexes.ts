/** Gives each table that is searched a trigram index. The function `migrate` does so at each start. */
import type { Client, ClientBase } from 'pg';
import { log } from '../../logger.ts';

/** Any number that no other program on the database uses for an advisory lock. */
const buildLock = 7_214_053_962;

/** The column that a list is searched in. @see infra/docs/decisions/039-postgresql.md */
const searchColumn = 'search_text';

/** Each such table, and its index: undefined, or not valid after a build that was interrupted. */
const findTables = `SELECT columns.table_name AS name, index.indisvalid AS valid
  FROM information_schema.columns LEFT JOIN pg_index index ON index.indexrelid = to_regclass(table_name || '_trigrams')
  WHERE table_schema = current_schema() AND column_name = '${searchColumn}'`;

/**
 * Builds the missing indexes beside running writes. Search works without them, but reads the whole table, so a failure is logged
 * and does not stop the start. The extension pg_trgm may be absent, or the role may lack the right to create it.
 * @param client outside a transaction
 * @param connect opens another connection to the same database
 */
export async function makeSearchIndexes(client: ClientBase, connect: () => Promise<Client>): Promise<void> {
  try {
    if ((await missingIndexes(client)).length === 0) return;
    const holder = await connect();
    try {
      if (!(await lock(holder))) return;
      const missing = await missingIndexes(client);
      if (missing.length > 0) await client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
      for (const table of missing) {
        await client.query(`DROP INDEX IF EXISTS ${table}_trigrams`);
        await client.query(
          `CREATE INDEX CONCURRENTLY ${table}_trigrams ON ${table} USING gin (${searchColumn} gin_trgm_ops)`,
        );
      }
    } finally {
      await holder.end();
    }
  } catch (error) {
    const message = 'Search is slow in large tables: PostgreSQL has no trigram index. Let an administrator run ';
    log.warn(`${message}CREATE EXTENSION pg_trgm in the database, then start the API again`, { error: error as Error });
  }
}

async function missingIndexes(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; valid: boolean | null }>(findTables);
  return rows.filter(({ valid }) => !valid).map(({ name }) => name);
}

/**
 * Takes the lock for a transaction that stays open while another connection builds, because CREATE INDEX CONCURRENTLY refuses to run
 * in a transaction. A lock of the session would stay at the server's connection behind PgBouncer in transaction mode.
 * @returns false when another start builds the indexes
 */
async function lock(holder: ClientBase): Promise<boolean> {
  await holder.query('BEGIN');
  await holder.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  const { rows } = await holder.query(`SELECT pg_try_advisory_xact_lock(${buildLock}) AS locked`);
  return rows[0].locked;
}
