/**
 * The cache without Redis: a SQLite file beside the database, which all function processes of one machine share. Each
 * operation is one transaction.
 *
 * A lost cache file costs nothing. A damaged file is deleted, and its successor is another instance, which begins revoked.
 */
import { rmSync, statSync } from 'node:fs';
import type { Row } from '../../database/engine.ts';
import type { Resource } from '../../database/resources.ts';
import { errorCode, isBusy } from '../../database/sqlite/errors.ts';
import type { SqliteConnection } from '../../database/sqlite/sqlite-connection.ts';
import type { WriteScope } from '../../database/write-queue.ts';
import { type CacheFault, type CacheStore, leaseReply } from '../cache-store.ts';
import {
  abandonedAfterMs,
  type CacheKey,
  defaultMaxListBytes,
  epochKey,
  isValue,
  itemKey,
  itemTtlMs,
  leaseTtlMs,
  listKey,
  listTtlMs,
  maxListQueries,
} from '../keys.ts';
import type { CacheFile } from './cache-file.ts';

/**
 * How long a write tries to get the lock of the cache file while another program holds it. After that, the write
 * revokes the cache for all processes, which costs more than the wait.
 */
const writeLockTimeoutMs = 500;
/** How long `ready` tries to open a locked or damaged file. Several processes create the file at the same time. */
const openTimeoutMs = 100;
/** The longest pause between two attempts. Each pause is random, so that waiting processes do not collide again. */
const maxLockPauseMs = 10;
/** How long readers of this process neither lease nor fill after one of them found the file locked. */
const readLockPauseMs = 100;
/** The pause between two removals of expired entries. */
const sweepPauseMs = 10_000;

const select = 'SELECT value FROM entries WHERE key = ? AND field = ? AND (expires IS NULL OR expires > ?)';
const put = 'INSERT OR REPLACE INTO entries (key, field, value, expires) VALUES (?, ?, ?, ?)';
const remove = 'DELETE FROM entries WHERE key = ? AND field = ?';
const removeAll = 'DELETE FROM entries WHERE key = ?';
const countFields = 'SELECT count(*) AS fields FROM entries WHERE key = ?';
/** octet_length takes the length from the head of the row, without a look at the value. */
const countBytes = 'SELECT total(octet_length(field) + octet_length(value)) AS bytes FROM entries WHERE key = ?';
const addWrite = 'INSERT INTO writes_in_progress (resource, id, began) VALUES (?, ?, ?)';
const removeWrite = 'DELETE FROM writes_in_progress WHERE resource = ? AND id = ?';
const oldestWrite = 'SELECT min(began) AS began FROM writes_in_progress WHERE resource = ?';

/** Prefixes of markers. */
const lease = '~lease:';
const tombstone = '~write:';
const claim = '~claim:';

/** The place of an entry in the table. `field` is empty for an item, and the query for a list. */
interface Address {
  readonly key: string;
  readonly field: string;
  readonly isList: boolean;
}

/** @returns the path of the cache that belongs to a database file */
export function cachePathOf(databaseFile: string): string {
  return `${databaseFile}-cache`;
}

/** Deletes a cache file. Processes that have it open notice that when they recover the cache. */
export function removeCacheFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

/** Implements the protocol in a SQLite file. */
export class EmbeddedStore implements CacheStore {
  readonly engine = 'embedded';
  readonly #path: string;
  readonly #maxListBytes: number;
  #file: CacheFile | undefined;
  #readersPausedUntil = 0;
  #nextSweepAt = 0;

  /**
   * @param path of the cache file; it is created if it does not exist
   * @param maxListBytes how many bytes the values of one list have before it is emptied
   */
  constructor(path: string, maxListBytes = defaultMaxListBytes) {
    this.#path = path;
    this.#maxListBytes = maxListBytes;
  }

  get instance(): string | undefined {
    return this.#file?.instance;
  }

  get fault(): CacheFault | undefined {
    return this.#file === undefined ? 'unreachable' : undefined;
  }

  /** Opens the file. Opens it again if another process has replaced it. */
  async ready(): Promise<void> {
    if (this.#file !== undefined && inodeOf(this.#path) !== this.#file.inode) this.close();
    if (this.#file !== undefined) return;
    const deadline = performance.now() + openTimeoutMs;
    // The native module is loaded where an embedded cache is used, and nowhere else.
    const { openCacheFile } = await import('./cache-file.ts');
    while (this.#file === undefined) {
      try {
        this.#file = openCacheFile(this.#path);
      } catch (error) {
        if (isDamage(error)) this.#discard();
        else if (!isBusy(error)) return;
        if (performance.now() > deadline) return;
        await lockPause();
      }
    }
  }

  get(key: CacheKey): string | null {
    const { key: name, field } = addressOf(key);
    return this.#run((connection) => read(connection, name, field));
  }

  lease(key: CacheKey, epoch: string, token: string): string {
    const { key: name, field, isList } = addressOf(key);
    return this.#transactForReader((connection) => {
      if (read(connection, epochKey) !== epoch) return leaseReply.lost;
      const value = read(connection, name, field);
      if (value !== null && isValue(value)) return value;
      if (value?.startsWith(tombstone)) return pendingWrites(connection, key.resource) ?? leaseReply.abandoned;
      // A list has no tombstone of its own: any write on the resource keeps readers from filling it.
      const writes = isList ? pendingWrites(connection, key.resource) : undefined;
      if (writes !== undefined) return writes;
      if (value !== null) return leaseReply.busy;
      if (isList) limitQueries(connection, name);
      connection.run(put, name, field, lease + token, Date.now() + leaseTtlMs);
      return leaseReply.granted;
    });
  }

  fill(key: CacheKey, epoch: string, token: string, value: string): boolean {
    const { key: name, field, isList } = addressOf(key);
    return this.#transactForReader((connection) => {
      if (read(connection, name, field) !== lease + token) return false;
      if (read(connection, epochKey) !== epoch) return false;
      this.#sweep(connection);
      if (isList && !this.#makeRoom(connection, name, field, value)) return false;
      connection.run(put, name, field, value, Date.now() + (isList ? listTtlMs : itemTtlMs));
      return true;
    });
  }

  release(key: CacheKey, token: string): void {
    const { key: name, field } = addressOf(key);
    this.#transactForReader((connection) => {
      if (read(connection, name, field) === lease + token) connection.run(remove, name, field);
    });
  }

  begin(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== epoch) return false;
      for (const { resource, ids } of scopes) {
        connection.run(addWrite, resource.name, write, Date.now());
        connection.run(removeAll, listKey(resource));
        for (const key of ids.map((id) => itemKey(resource, id))) {
          const writes = [...tombstoneAt(connection, key), write];
          connection.run(put, key, '', tombstone + writes.join(), null);
        }
      }
      return true;
    });
  }

  finish(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== epoch) return false;
      for (const { resource, ids } of scopes) {
        if (connection.run(removeWrite, resource.name, write).changes === 0) return false;
        connection.run(removeAll, listKey(resource));
        for (const key of ids.map((id) => itemKey(resource, id))) {
          const others = tombstoneAt(connection, key).filter((other) => other !== write);
          if (others.length > 0) connection.run(put, key, '', tombstone + others.join(), null);
          else connection.run(remove, key, '');
        }
      }
      return true;
    });
  }

  async claim(token: string): Promise<void> {
    await this.#transact((connection) => connection.run(put, epochKey, '', claim + token, null));
  }

  /** Needs no list of resources: nothing else is in the file. */
  clear(token: string): Promise<boolean> {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== claim + token) return false;
      connection.run('DELETE FROM entries WHERE key <> ?', epochKey);
      connection.run('DELETE FROM writes_in_progress');
      return true;
    });
  }

  open(token: string, epoch: string): Promise<boolean> {
    return this.#transact((connection) => {
      if (read(connection, epochKey) !== claim + token) return false;
      connection.run(put, epochKey, '', epoch, null);
      return true;
    });
  }

  close(): void {
    this.#file?.raw.close();
    this.#file = undefined;
  }

  #run<T>(work: (connection: SqliteConnection) => T): T {
    if (this.#file === undefined) throw new CacheFileClosed();
    try {
      return work(this.#file.connection);
    } catch (error) {
      if (isDamage(error)) this.#discard();
      throw error;
    }
  }

  /** A reader can do without the cache, so it does not wait for a lock. */
  #transactForReader<T>(work: (connection: SqliteConnection) => T): T {
    if (performance.now() < this.#readersPausedUntil) throw new CacheFileLocked();
    try {
      return this.#run((connection) => connection.transaction(() => work(connection)));
    } catch (error) {
      if (isBusy(error)) this.#readersPausedUntil = performance.now() + readLockPauseMs;
      throw error;
    }
  }

  /** A write waits for a lock, and other requests of this process go on meanwhile. */
  async #transact<T>(work: (connection: SqliteConnection) => T): Promise<T> {
    const deadline = performance.now() + writeLockTimeoutMs;
    for (;;) {
      try {
        return this.#run((connection) => connection.transaction(() => work(connection)));
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        await lockPause();
      }
    }
  }

  /** Empties a list that a value would make too large. @returns false when the value alone is too large */
  #makeRoom(connection: SqliteConnection, name: string, field: string, value: string): boolean {
    const size = Buffer.byteLength(field) + Buffer.byteLength(value);
    if (size > this.#maxListBytes) {
      connection.run(remove, name, field);
      return false;
    }
    const row = connection.get<Row & { bytes: number }>(countBytes, name);
    if (row !== undefined && row.bytes + size > this.#maxListBytes) connection.run(removeAll, name);
    return true;
  }

  #sweep(connection: SqliteConnection): void {
    const now = performance.now();
    if (now < this.#nextSweepAt) return;
    this.#nextSweepAt = now + sweepPauseMs;
    connection.run('DELETE FROM entries WHERE expires <= ?', Date.now());
  }

  #discard(): void {
    this.close();
    removeCacheFile(this.#path);
  }
}

/** The file could not be opened, or was damaged and deleted. `ready` opens it again. */
class CacheFileClosed extends Error {
  override readonly name = 'CacheFileClosed';
}

/** Another program holds the lock of the file. */
class CacheFileLocked extends Error {
  override readonly name = 'CacheFileLocked';
}

function addressOf(key: CacheKey): Address {
  if ('id' in key) return { key: itemKey(key.resource, key.id), field: '', isList: false };
  return { key: listKey(key.resource), field: key.query, isList: true };
}

function read(connection: SqliteConnection, key: string, field = ''): string | null {
  return connection.get<Row & { value: string }>(select, key, field, Date.now())?.value ?? null;
}

/** @returns the writes that the tombstone under a key names; empty without a tombstone */
function tombstoneAt(connection: SqliteConnection, key: string): string[] {
  const value = read(connection, key);
  return value?.startsWith(tombstone) ? value.slice(tombstone.length).split(',') : [];
}

/** @returns the reply to a reader while writes on the resource are in progress; undefined when there are none */
function pendingWrites(connection: SqliteConnection, { name }: Resource): string | undefined {
  const began = connection.get<Row & { began: number | null }>(oldestWrite, name)?.began ?? null;
  if (began === null) return undefined;
  return Date.now() - began > abandonedAfterMs ? leaseReply.abandoned : leaseReply.busy;
}

function limitQueries(connection: SqliteConnection, key: string): void {
  const row = connection.get<Row & { fields: number }>(countFields, key);
  if (row !== undefined && row.fields >= maxListQueries) connection.run(removeAll, key);
}

function lockPause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * (maxLockPauseMs - 1)));
}

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR|SCHEMA|ERROR)/.test(errorCode(error));
}
