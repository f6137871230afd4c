/** Runs the migrations that a database has not seen. The caller holds the lock, and a transaction round all of it. */
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import { ConfigurationError } from '../errors.ts';

/** Holds the names of the migrations that have run. Knex's own runner made it in the first databases. */
export const migrationTable = 'knex_migrations';

/**
 * @param knex with a connection inside the transaction
 * @param migrations every migration of this program, oldest first
 * @returns the names of the migrations that ran
 * @throws {ConfigurationError} when the database has migrations that this program does not have
 */
export async function runMigrations(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  if (!(await knex.schema.hasTable(migrationTable))) {
    await knex.schema.createTable(migrationTable, (table) => {
      table.increments('id');
      table.string('name');
      table.integer('batch');
      table.timestamp('migration_time');
    });
  }
  const known: string[] = (await knex(migrationTable).select('name').orderBy('id')).map(({ name }) => name);
  if (known.some((name, index) => name !== migrations[index]?.name)) {
    throw new ConfigurationError(
      'DATABASE_URL: the database has migrations that this program does not have; run the program that wrote it, or name another one',
    );
  }
  const missing = migrations.slice(known.length);
  for (const { name, up } of missing) {
    await up(knex);
    await knex(migrationTable).insert({ name, batch: 1, migration_time: new Date() });
  }
  return missing.map(({ name }) => name);
}

/** @throws {ConfigurationError} when the database has a higher schema version than this program */
export function refuseNewer(version: number, migrations: readonly Migration[]): void {
  if (version <= migrations.length) return;
  throw new ConfigurationError(
    `DATABASE_URL: the database is newer than this program (its schema version is ${version}, this program knows ` +
      `${migrations.length}); run the program that wrote it, or restore an older backup`,
  );
}

/** A pool for Knex that lends one connection, which is inside a transaction. */
export class LentConnection<Raw> implements Knex.TarnPoolLike {
  readonly #raw: Raw;

  constructor(raw: Raw) {
    this.#raw = raw;
  }

  acquire(): { promise: Promise<Raw> } {
    return { promise: Promise.resolve(this.#raw) };
  }

  release(): boolean {
    return true;
  }

  numUsed(): number {
    return 0;
  }

  numFree(): number {
    return 1;
  }

  numPendingAcquires(): number {
    return 0;
  }

  async destroy(): Promise<void> {}
}
