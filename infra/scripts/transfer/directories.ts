/** Opens the directories that a command reads or writes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseConfig, readConfig } from '#lib/config.ts';
import { Database } from '#lib/database/database.ts';
import { SchemaMismatch } from '#lib/errors.ts';
import { migrations, schemaVersion } from '#migrations';
import { CommandError } from './command.ts';
import { type EngineName, listTables, type Table } from './tables.ts';

/** An open directory. */
export interface Directory {
  readonly database: Database;
  readonly engine: EngineName;
  /** Its address, without a password. */
  readonly address: string;
  /** How many migrations it has. */
  readonly version: number;
}

/** How long one statement may take: a command has more time than a request. */
const queryTimeoutMs = 600_000;

/**
 * @param address as in DATABASE_URL; that setting if left out
 * @throws {ConfigurationError} when the address or a setting is wrong
 */
export function readAddress(address?: string): DatabaseConfig {
  const chosen = address === undefined ? {} : { DATABASE_URL: address, DATABASE_URL_FILE: '' };
  const { database } = readConfig({ ...process.env, ...chosen });
  return database.engine === 'postgres' ? { ...database, connections: 1, queryTimeoutMs } : database;
}

/** @returns the address of a database, without a password */
export function addressOf(config: DatabaseConfig): string {
  if (config.engine === 'sqlite') return `sqlite:${config.file}`;
  const { user, host, port, database } = config.client;
  return `postgres://${user}@${host}:${port}/${database}`;
}

/**
 * Opens a directory that exists, also one of an older schema version.
 * @throws {CommandError} when there is none, or it is newer than this program
 */
export async function openExisting(config: DatabaseConfig): Promise<Directory> {
  const address = addressOf(config);
  if (config.engine === 'sqlite' && !existsSync(config.file)) {
    throw new CommandError(`There is no database at ${config.file}: check DATABASE_URL, or the address in the command`);
  }
  const found = await versionOf(config);
  if (found === 0) throw new CommandError(`There is no directory in ${address}: check the address`);
  if (found > schemaVersion) {
    throw new CommandError(
      `${address} has the schema version ${found}, and this program knows ${schemaVersion}: use the program that wrote it`,
    );
  }
  return { database: new Database(config, found), engine: config.engine, address, version: found };
}

async function versionOf(config: DatabaseConfig): Promise<number> {
  const database = new Database(config, schemaVersion);
  try {
    await database.use(() => undefined);
    return schemaVersion;
  } catch (error) {
    if (error instanceof SchemaMismatch) return error.found;
    throw error;
  } finally {
    await database.close();
  }
}

/**
 * Opens a directory, and makes or updates its tables as a start of the API does.
 * @throws {ConfigurationError} when the database can't be used
 */
export async function openPrepared(config: DatabaseConfig): Promise<Directory> {
  const database = new Database(config, schemaVersion);
  await database.migrate(migrations);
  return { database, engine: config.engine, address: addressOf(config), version: schemaVersion };
}

/** Runs work with the path of a SQLite file that does not exist yet, and removes the file. */
export async function withScratchFile<T>(work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-data-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await work(join(folder, 'scratch.db'));
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/**
 * Runs work with the directory in a SQLite file.
 * @param version how many migrations it has afterwards; the missing ones run first
 */
export async function withFile<T>(file: string, version: number, work: (database: Database) => Promise<T>): Promise<T> {
  const database = new Database({ engine: 'sqlite', file, synchronous: 'NORMAL' }, version);
  try {
    await database.migrate(migrations.slice(0, version));
    return await work(database);
  } finally {
    await database.close();
  }
}

/** @returns the tables that a directory of a schema version has */
export function tablesOf(version: number): Promise<Table[]> {
  return withScratchFile((file) => withFile(file, version, (database) => database.use(listTables)));
}
