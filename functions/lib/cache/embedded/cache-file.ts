/** Opens the SQLite file of the embedded cache. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import type { Row } from '../../database/engine.ts';
import { createPrivateFile } from '../../database/sqlite/database-files.ts';
import { SqliteConnection } from '../../database/sqlite/sqlite-connection.ts';

/** SQLite's own wait for a lock blocks this process. It only has to cover the transactions of other function processes. */
const busyTimeoutMs = 5;

/** An open cache file. */
export interface CacheFile {
  readonly raw: BetterSqlite3.Database;
  readonly connection: SqliteConnection;
  /** Random, and stored in the file when it is created. */
  readonly instance: string;
  /** A file that has replaced this one has the same path and another inode. */
  readonly inode: number;
}

/** `expires` and `began` are milliseconds since 1970. */
const schema = `
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER,
    PRIMARY KEY (key, field)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_expires ON entries (expires);
  CREATE TABLE IF NOT EXISTS writes_in_progress (
    resource TEXT NOT NULL, id TEXT NOT NULL, began INTEGER NOT NULL,
    PRIMARY KEY (resource, id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS instance (id TEXT NOT NULL);
`;

/**
 * Opens the file, and creates it if it does not exist.
 * @throws SqliteError when the file is damaged, locked, or can't be opened
 */
export function openCacheFile(path: string): CacheFile {
  createPrivateFile(path);
  const raw = new BetterSqlite3(path);
  try {
    raw.pragma(`busy_timeout = ${busyTimeoutMs}`);
    raw.pragma('journal_mode = WAL');
    // A power cut may take cached values: each start empties the cache anyway.
    raw.pragma('synchronous = OFF');
    raw.exec(schema);
    const connection = new SqliteConnection(raw);
    // A file that exists opens without the write lock, which another program may hold.
    const instance = readInstance(connection) ?? connection.transaction(() => createInstance(connection));
    return { raw, connection, instance, inode: statSync(path).ino };
  } catch (error) {
    raw.close();
    throw error;
  }
}

function readInstance(connection: SqliteConnection): string | undefined {
  return connection.get<Row & { id: string }>('SELECT id FROM instance')?.id;
}

/** Runs inside a transaction: several processes create the file at the same time, and the first one names it. */
function createInstance(connection: SqliteConnection): string {
  const known = readInstance(connection);
  if (known !== undefined) return known;
  const id = randomBytes(16).toString('hex');
  connection.run('INSERT INTO instance (id) VALUES (?)', id);
  return id;
}
