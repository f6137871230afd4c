/** Brings a SQLite file to the schema of this program. The function `migrate` runs it at each start. */
import type BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import { ConfigurationError } from '../../errors.ts';
import {
  migrationTable,
  newerDatabase,
  type RanMigration,
  runMigrations,
  selectRanMigrations,
  servesVersion,
} from '../run-migrations.ts';
import { errorCode, isBusy } from './errors.ts';

/** Attempts while another process migrates or writes to the same file, and the pause between two of them. */
const maxAttempts = 50;
const attemptPauseMs = 100;

/**
 * Runs the migrations that the file has not seen, all in one transaction: a process that dies leaves the file as it was.
 * @param open opens the file, and lends its connection to nobody else until this function has ended
 * @param knex makes a Knex for that connection
 * @param migrations every migration of this program, oldest first
 * @param isFunction whether a newer file will do whose migrations serve older functions
 * @returns the names of the migrations that ran
 * @throws {ConfigurationError} when the file can't be opened, is not a SQLite database, belongs to another program, or is newer than
 *   this program
 */
export async function migrateFile(
  open: () => Promise<BetterSqlite3.Database>,
  knex: (raw: BetterSqlite3.Database) => Promise<Knex>,
  migrations: readonly Migration[],
  isFunction: boolean,
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const raw = await open();
      // Usually nothing is missing, and reading the version needs no lock.
      if (hasAll(raw, migrations, isFunction)) return [];
      return await migrateInTransaction(raw, await knex(raw), migrations, isFunction);
    } catch (error) {
      if (!isBusy(error) || attempt === maxAttempts) throw toConfigurationError(error);
      await new Promise((resolve) => setTimeout(resolve, attemptPauseMs));
    }
  }
}

async function migrateInTransaction(
  raw: BetterSqlite3.Database,
  knex: Knex,
  migrations: readonly Migration[],
  isFunction: boolean,
): Promise<string[]> {
  raw.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated the file before this one got the lock.
    let ran: string[] = [];
    if (!hasAll(raw, migrations, isFunction)) {
      ran = await runMigrations(knex, migrations);
      raw.pragma(`user_version = ${migrations.length}`);
    }
    raw.exec('COMMIT');
    return ran;
  } catch (error) {
    if (raw.inTransaction) raw.exec('ROLLBACK');
    throw error;
  }
}

/** @throws {ConfigurationError} when the file is newer than this program, and does not serve it */
function hasAll(raw: BetterSqlite3.Database, migrations: readonly Migration[], isFunction: boolean): boolean {
  const version = raw.pragma('user_version', { simple: true }) as number;
  const { length } = migrations;
  const isServed = isFunction && version > length && fileServes(length, (sql) => raw.prepare(sql).all());
  if (version > length && !isServed) throw newerDatabase(version, migrations);
  return version >= length;
}

/** @throws {ConfigurationError} when the file has tables, and none in which this program notes its migrations */
export function refuseForeign(raw: BetterSqlite3.Database): void {
  const names = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (names.length === 0 || names.includes(migrationTable)) return;
  throw new ConfigurationError('DATABASE_URL: another program wrote this SQLite file; name another file');
}

/**
 * @param version a lower schema version than the file's
 * @param all runs a query
 * @returns whether functions that know only that version may use the file
 */
export function fileServes(version: number, all: (sql: string) => unknown[]): boolean {
  // A file of another program may have a version, too.
  const hasTable = all(`SELECT name FROM pragma_table_info('${migrationTable}')`).length > 0;
  return hasTable && servesVersion(version, all(selectRanMigrations) as RanMigration[]);
}

function toConfigurationError(error: unknown): unknown {
  if (error instanceof ConfigurationError) return error;
  const message = error instanceof Error ? error.message : '';
  if (message.includes('already exists')) {
    return new ConfigurationError(
      `DATABASE_URL: a migration would create what the file already has (${message.split(' - ').at(-1)}); mend the migration`,
    );
  }
  if (isBusy(error)) {
    return new ConfigurationError('DATABASE_URL: another process keeps the database locked; stop it, and start again');
  }
  const code = errorCode(error);
  if (code === 'SQLITE_NOTADB') return new ConfigurationError('DATABASE_URL: the file is not a SQLite database');
  if (/^(SQLITE_(CANTOPEN|READONLY|PERM|IOERR|FULL)|EACCES|EROFS)/.test(code)) {
    return new ConfigurationError(
      `DATABASE_URL: the file can't be opened for writing (${code}); check its path, its permissions and the disk`,
    );
  }
  return error;
}
