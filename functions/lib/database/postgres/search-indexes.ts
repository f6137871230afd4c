/** Gives each table that is searched a trigram index. The function `migrate` does so at each start. */
import type { ClientBase } from 'pg';
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
 * @param client outside a transaction, with a session of its own
 */
export async function makeSearchIndexes(client: ClientBase): Promise<void> {
  try {
    const { rows } = await client.query<{ name: string; valid: boolean | null }>(findTables);
    const missing = rows.filter(({ valid }) => !valid);
    if (missing.length === 0 || !(await lock(client))) return;
    try {
      await client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
      for (const { name } of missing) {
        await client.query(`DROP INDEX IF EXISTS ${name}_trigrams`);
        await client.query(
          `CREATE INDEX CONCURRENTLY ${name}_trigrams ON ${name} USING gin (${searchColumn} gin_trgm_ops)`,
        );
      }
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${buildLock})`);
    }
  } catch (error) {
    const message = 'Search is slow in large tables: PostgreSQL has no trigram index. Let an administrator run ';
    log.warn(`${message}CREATE EXTENSION pg_trgm in the database, then start the API again`, { error: error as Error });
  }
}

/** @returns false when another start builds the indexes */
async function lock(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query(`SELECT pg_try_advisory_lock(${buildLock}) AS locked`);
  return rows[0].locked;
}
