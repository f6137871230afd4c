/** Brings a SQLite file to the schema of this program. The function `migrate` runs it at each start. */
import type BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import { ConfigurationError } from '../../errors.ts';
import { refuseNewer, runMigrations } from '../run-migrations.ts';
import { errorCode, isBusy } from './errors.ts';

/** Attempts while another process migrates or writes to the same file, and the pause between two of them. */
const maxAttempts = 50;
const attemptPauseMs = 100;

/**
 * Runs the migrations that the file has not seen, all in one transaction: a process that dies leaves the file as it was.
 * @param open opens the file, and lends its connection to nobody else until this function has ended
 * @param knex makes a Knex for that connection
 * @param migrations every migration of this program, oldest first
 * @returns the names of the migrations that ran
 * @throws {ConfigurationError} when the file can't be opened, is not a SQLite database, or is newer than this program
 */
export async function migrateFile(
  open: () => Promise<BetterSqlite3.Database>,
  knex: (raw: BetterSqlite3.Database) => Promise<Knex>,
  migrations: readonly Migration[],
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const raw = await open();
      // Usually nothing is missing, and reading the version needs no lock.
      if (versionOf(raw, migrations) === migrations.length) return [];
      return await migrateInTransaction(raw, await knex(raw), migrations);
    } catch (error) {
      if (!isBusy(error) || attempt === maxAttempts) throw toConfigurationError(error);
      await new Promise((resolve) => setTimeout(resolve, attemptPauseMs));
    }
  }
}

async function migrateInTransaction(raw: BetterSqlite3.Database, knex: Knex, migrations: readonly Migration[]) {
  raw.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated the file before this one got the lock.
    versionOf(raw, migrations);
    const ran = await runMigrations(knex, migrations);
    raw.pragma(`user_version = ${migrations.length}`);
    raw.exec('COMMIT');
    return ran;
  } catch (error) {
    if (raw.inTransaction) raw.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(raw: BetterSqlite3.Database, migrations: readonly Migration[]): number {
  const version = raw.pragma('user_version', { simple: true }) as number;
  refuseNewer(version, migrations);
  return version;
}

function toConfigurationError(error: unknown): unknown {
  if (error instanceof ConfigurationError) return error;
  const message = error instanceof Error ? error.message : '';
  if (message.includes('already exists')) {
    return new ConfigurationError(
      `DATABASE_URL: a migration would create what the file already has (${message.split(' - ').at(-1)}); mend the migration, or name another file if another program wrote this one`,
    );
  }
  if (isBusy(error)) {
    return new ConfigurationError('DATABASE_URL: another process keeps the database locked; stop it, and start again');
  }
  const code = errorCode(error);
  if (code === 'SQLITE_NOTADB') return new ConfigurationError('DATABASE_URL: the file is not a SQLite database');
  if (/^(SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM|EACCES|EROFS)/.test(code)) {
    return new ConfigurationError(
      `DATABASE_URL: the file can't be opened for writing (${code}); check its path and permissions`,
    );
  }
  return error;
}
