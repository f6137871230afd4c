/**
 * Brings the database file to the schema that this program works with.
 */
import type { Knex } from 'knex';
import { ConfigurationError } from '../errors.ts';
import { errorCode, isBusy } from './sqlite/connection.ts';

/** A migration; see functions/lib/database/migrations. */
export interface Migration {
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
}

/** Attempts while another process migrates the same file, and the milliseconds between them. */
const attempts = 50;
const pause = 100;

/**
 * Runs the migrations that the file has not seen, all in one transaction.
 * @returns the names of those that ran
 * @throws {ConfigurationError} when the file can't be opened, is no database, or is newer than this program
 */
export async function migrate(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runMissing(knex, migrations);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      if (isOthersDoing(error) && attempt < attempts) await new Promise((resolve) => setTimeout(resolve, pause));
      else throw toConfigurationError(error);
    }
  }
}

async function runMissing(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  // Most of the time there is nothing to do, and that much can be told without any lock.
  const [{ user_version: version }] = await knex.raw('PRAGMA user_version');
  if (version === migrations.length) return [];
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
 * Another process holds the lock, or has created meanwhile what this one was about to create. What goes wrong while Knex
 * takes its own lock it throws anew, with SQLite's message and without its code.
 */
function isOthersDoing(error: unknown): boolean {
  return isBusy(error) || (error instanceof Error && /already (exists|locked)|database is locked/.test(error.message));
}

async function refuseDown(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup instead.');
}

function toConfigurationError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  if (message.includes('migration directory is corrupt')) {
    return new ConfigurationError(
      'DATABASE_URL: the database is newer than this program; run the program that wrote it, or restore an older backup',
    );
  }
  if (message.includes('already exists')) {
    return new ConfigurationError('DATABASE_URL: the file holds tables of another program; name another file');
  }
  const code = errorCode(error);
  if (isOthersDoing(error)) return new ConfigurationError('DATABASE_URL: another process keeps the database locked');
  if (code === 'SQLITE_NOTADB') return new ConfigurationError('DATABASE_URL: the file is not a SQLite database');
  if (/^(SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM|EACCES|EROFS)/.test(code)) {
    return new ConfigurationError(
      `DATABASE_URL: the file can't be opened for writing (${code}); check path and permissions`,
    );
  }
  return error;
}
