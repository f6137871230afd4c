/** Runs the migrations that a database has not seen. The caller holds the lock, and a transaction round all of it. */
import type { Knex } from 'knex';
import type { Migration } from '#migrations';
import { ConfigurationError } from '../errors.ts';

/** Holds the names of the migrations that have run. Knex's own runner made it in the first databases. */
export const migrationTable = 'knex_migrations';

/** A row of that table. */
export interface RanMigration {
  readonly name: string;
  /** 1 or null, and undefined in a database that has no such column yet. */
  readonly serves_older?: number | null;
}

/** Reads the table, oldest migration first. */
export const selectRanMigrations = `SELECT * FROM ${migrationTable} ORDER BY id`;

/**
 * @param version a schema version
 * @param ran     the migrations that a newer program has run
 * @returns whether functions that know only that version may use the database
 */
export function servesVersion(version: number, ran: readonly RanMigration[]): boolean {
  return ran.length > version && ran.slice(version).every(({ serves_older }) => serves_older === 1);
}

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
  if (!(await knex.schema.hasColumn(migrationTable, 'serves_older'))) {
    await knex.schema.alterTable(migrationTable, (table) => {
      table.integer('serves_older');
    });
  }
  const known: string[] = (await knex(migrationTable).select('name').orderBy('id')).map(({ name }) => name);
  if (known.some((name, index) => name !== migrations[index]?.name)) {
    throw new ConfigurationError(
      'DATABASE_URL: the database has migrations that this program does not have; run the program that wrote it, or name another one',
    );
  }
  const missing = migrations.slice(known.length);
  for (const { name, up, servesOlder } of missing) {
    await up(knex);
    const row = { name, batch: 1, migration_time: new Date(), serves_older: servesOlder ? 1 : null };
    await knex(migrationTable).insert(row);
  }
  return missing.map(({ name }) => name);
}

/** @returns the refusal of a database with a higher schema version than this program */
export function newerDatabase(version: number, migrations: readonly Migration[]): ConfigurationError {
  return new ConfigurationError(
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
