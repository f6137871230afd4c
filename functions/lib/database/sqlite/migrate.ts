/**
 * Brings a database file to the schema of this program. The function `migrate` runs it at each start.
 */
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import { ConfigurationError } from '../../errors.ts';
import { errorCode, isBusy } from './errors.ts';

/** Attempts while another process migrates or writes to the same file, and the pause between two of them. */
const maxAttempts = 50;
const attemptPauseMs = 100;

/**
 * Runs the migrations that the file has not seen, all in one transaction.
 * @param migrations every migration of this program, oldest first
 * @returns the names of the migrations that ran
 * @throws {ConfigurationError} when the file can't be opened, is not a SQLite database, or is newer than this program
 */
export async function migrate(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runMissing(knex, migrations);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      if (!isConflict(error) || attempt === maxAttempts) throw toConfigurationError(error);
      await new Promise((resolve) => setTimeout(resolve, attemptPauseMs));
    }
  }
}

async function runMissing(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  // Usually nothing is missing, and reading the version needs no lock.
  const [{ user_version: version }] = await knex.raw('PRAGMA user_version');
  if (version === migrations.length) return [];
  if (version > migrations.length) {
    throw new ConfigurationError(
      `DATABASE_URL: the database is newer than this program (its schema version is ${version}, this program knows ` +
        `${migrations.length}); run the program that wrote it, or restore an older backup`,
    );
  }
  const source: Knex.MigrationSource<Migration> = {
    getMigrations: async () => [...migrations],
    getMigrationName: ({ name }) => name,
    getMigration: async ({ up }) => ({ up, down: refuseDown }),
  };
  const [, ran] = await knex.migrate.latest({ migrationSource: source });
  await knex.raw(`PRAGMA user_version = ${migrations.length}`);
  return ran;
}

/**
 * Whether another process holds the lock, or has just created a table that this one was about to create. An error while
 * Knex takes its own lock has SQLite's message, but not its code.
 */
function isConflict(error: unknown): boolean {
  return isBusy(error) || (error instanceof Error && /already (exists|locked)|database is locked/.test(error.message));
}

async function refuseDown(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup instead.');
}

function toConfigurationError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  if (message.includes('migration directory is corrupt')) {
    return new ConfigurationError(
      'DATABASE_URL: the database has migrations that this program does not have; run the program that wrote it, or name another file',
    );
  }
  if (message.includes('already exists')) {
    return new ConfigurationError(
      `DATABASE_URL: a migration would create what the file already has (${message.split(' - ').at(-1)}); mend the migration, or name another file if another program wrote this one`,
    );
  }
  const code = errorCode(error);
  if (isConflict(error)) {
    return new ConfigurationError('DATABASE_URL: another process keeps the database locked; stop it, and start again');
  }
  if (code === 'SQLITE_NOTADB') return new ConfigurationError('DATABASE_URL: the file is not a SQLite database');
  if (/^(SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM|EACCES|EROFS)/.test(code)) {
    return new ConfigurationError(
      `DATABASE_URL: the file can't be opened for writing (${code}); check its path and permissions`,
    );
  }
  return error;
}
