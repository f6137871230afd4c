/**
 * The cache without Redis: a SQLite file beside the database, shared by all function processes. The same protocol, and
 * each step is one transaction.
 *
 * Losing the file loses nothing: a damaged one is deleted, and the new one is another instance, which starts untrusted.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { Connection, errorCode, isBusy, type Row } from '../../database/sqlite/connection.ts';
import {
  abandonedAfter,
  epochKey,
  isValue,
  leaseLifetime,
  listKey,
  listLifetime,
  maxPages,
  type Place,
  userKey,
  userLifetime,
} from '../places.ts';
import { type CacheStore, leaseReply } from '../store.ts';

/** Milliseconds that this process stands still for another one's lock on the cache. */
const busyTimeout = 20;
/** Milliseconds for which the cache is left alone after a lock that did not end. */
const suspension = 100;
/** Milliseconds between two removals of what has expired. */
const sweepInterval = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, expires INTEGER,
    PRIMARY KEY (key, field)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_expires ON entries (expires);
  CREATE TABLE IF NOT EXISTS writes (id TEXT PRIMARY KEY, began INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS instance (id TEXT NOT NULL);
`;

const select = 'SELECT value FROM entries WHERE key = ? AND field = ? AND (expires IS NULL OR expires > ?)';
const put = 'INSERT OR REPLACE INTO entries (key, field, value, expires) VALUES (?, ?, ?, ?)';
const remove = 'DELETE FROM entries WHERE key = ? AND field = ?';
const removeAll = 'DELETE FROM entries WHERE key = ?';

/** Prefixes of markers. */
const lease = '~lease:';
const tombstone = '~write:';
const claim = '~claim:';

interface Open {
  readonly raw: BetterSqlite3.Database;
  readonly connection: Connection;
  readonly instance: string;
  /** Of the file: a file that was replaced has the same path and another inode. */
  readonly inode: number;
}

export class EmbeddedStore implements CacheStore {
  readonly #file: string;
  #open: Open | undefined;
  #suspendedUntil = 0;
  #nextSweep = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get instance(): string | undefined {
    return performance.now() < this.#suspendedUntil ? undefined : this.#open?.instance;
  }

  /** Opens the file, or opens it again if it was replaced. */
  async ready(): Promise<void> {
    if (this.#open !== undefined && inodeOf(this.#file) !== this.#open.inode) this.close();
    try {
      this.#open ??= openFile(this.#file);
    } catch (error) {
      if (isDamage(error)) this.#discard();
    }
  }

  get(place: Place): string | null {
    return this.#run((connection) => read(connection, ...addressOf(place)));
  }

  lease(place: Place, epoch: string, token: string): string {
    const [key, field] = addressOf(place);
    return this.#transact((connection) => {
      const value = read(connection, key, field);
      if (value !== null && isValue(value)) return value;
      if (read(connection, epochKey) !== epoch) return leaseReply.lost;
      if (value?.startsWith(tombstone)) return pending(connection) ?? leaseReply.abandoned;
      const stopped = key === listKey ? pending(connection) : undefined;
      if (stopped !== undefined) return stopped;
      if (value !== null) return leaseReply.busy;
      if (key === listKey) limitPages(connection);
      connection.run(put, key, field, lease + token, Date.now() + leaseLifetime);
      return leaseReply.granted;
    });
  }

  fill(place: Place, epoch: string, token: string, value: string): boolean {
    const [key, field] = addressOf(place);
    return this.#transact((connection) => {
      if (read(connection, key, field) !== lease + token) return false;
      if (read(connection, epochKey) !== epoch) return false;
      this.#sweep(connection);
      connection.run(put, key, field, value, Date.now() + (key === listKey ? listLifetime : userLifetime));
      return true;
    });
  }

  release(place: Place, token: string): void {
    const [key, field] = addressOf(place);
    this.#transact((connection) => {
      if (read(connection, key, field) === lease + token) connection.run(remove, key, field);
    });
  }

  begin(epoch: string, write: string, ids: readonly number[]): boolean {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== epoch) return false;
      connection.run('INSERT INTO writes (id, began) VALUES (?, ?)', write, Date.now());
      connection.run(removeAll, listKey);
      for (const key of ids.map(userKey)) {
        const writes = [...writesAt(connection, key), write];
        connection.run(put, key, '', tombstone + writes.join(), null);
      }
      return true;
    });
  }

  finish(epoch: string, write: string, ids: readonly number[]): boolean {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== epoch) return false;
      if (connection.run('DELETE FROM writes WHERE id = ?', write).changes === 0) return false;
      connection.run(removeAll, listKey);
      for (const key of ids.map(userKey)) {
        const others = writesAt(connection, key).filter((other) => other !== write);
        if (others.length > 0) connection.run(put, key, '', tombstone + others.join(), null);
        else connection.run(remove, key, '');
      }
      return true;
    });
  }

  claim(token: string): void {
    this.#transact((connection) => connection.run(put, epochKey, '', claim + token, null));
  }

  clear(token: string): boolean {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== claim + token) return false;
      connection.run('DELETE FROM entries WHERE key <> ?', epochKey);
      connection.run('DELETE FROM writes');
      return true;
    });
  }

  open(token: string, epoch: string): boolean {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== claim + token) return false;
      connection.run(put, epochKey, '', epoch, null);
      return true;
    });
  }

  close(): void {
    this.#open?.raw.close();
    this.#open = undefined;
  }

  #run<T>(work: (connection: Connection) => T): T {
    if (this.#open === undefined) throw new Error('The embedded cache is not open.');
    try {
      return work(this.#open.connection);
    } catch (error) {
      if (isBusy(error)) this.#suspendedUntil = performance.now() + suspension;
      else if (isDamage(error)) this.#discard();
      throw error;
    }
  }

  #transact<T>(work: (connection: Connection) => T): T {
    return this.#run((connection) => connection.transaction(() => work(connection)));
  }

  #sweep(connection: Connection): void {
    const now = performance.now();
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + sweepInterval;
    connection.run('DELETE FROM entries WHERE expires <= ?', Date.now());
  }

  #discard(): void {
    this.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(this.#file + suffix, { force: true });
  }
}

function openFile(file: string): Open {
  const raw = new BetterSqlite3(file);
  try {
    raw.pragma(`busy_timeout = ${busyTimeout}`);
    raw.pragma('journal_mode = WAL');
    // What a power cut takes from a cache is no loss.
    raw.pragma('synchronous = OFF');
    raw.exec(schema);
    const connection = new Connection(raw);
    const instance = connection.transaction(() => instanceOf(connection));
    return { raw, connection, instance, inode: inodeOf(file) };
  } catch (error) {
    raw.close();
    throw error;
  }
}

function instanceOf(connection: Connection): string {
  const known = connection.get<Row & { id: string }>('SELECT id FROM instance')?.id;
  if (known !== undefined) return known;
  const id = randomBytes(16).toString('hex');
  connection.run('INSERT INTO instance (id) VALUES (?)', id);
  return id;
}

function addressOf(place: Place): [key: string, field: string] {
  return 'id' in place ? [userKey(place.id), ''] : [listKey, place.page];
}

function read(connection: Connection, key: string, field = ''): string | null {
  return connection.get<Row & { value: string }>(select, key, field, Date.now())?.value ?? null;
}

function writesAt(connection: Connection, key: string): string[] {
  const value = read(connection, key);
  return value?.startsWith(tombstone) ? value.slice(tombstone.length).split(',') : [];
}

/** @returns what a reader is told while writes are under way; undefined when there are none */
function pending(connection: Connection): string | undefined {
  const row = connection.get<Row & { oldest: number | null }>('SELECT min(began) AS oldest FROM writes');
  if (row === undefined || row.oldest === null) return undefined;
  return Date.now() - row.oldest > abandonedAfter ? leaseReply.abandoned : leaseReply.busy;
}

function limitPages(connection: Connection): void {
  const row = connection.get<Row & { pages: number }>('SELECT count(*) AS pages FROM entries WHERE key = ?', listKey);
  if (row !== undefined && row.pages >= maxPages) connection.run(removeAll, listKey);
}

function inodeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR|SCHEMA|ERROR)/.test(errorCode(error));
}
