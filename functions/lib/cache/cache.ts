/**
 * The cache protocol: reads that ask the cache first, and the guard of writes.
 *
 * Runs in each function process. @see infra/docs/decisions/001-cache-protocol.md for the rules and why they suffice
 */
import type { Connection } from '../database/engine.ts';
import type { WriteFence, WriteGuard, WriteScope } from '../database/write-queue.ts';
import { DirectoryMoved } from '../errors.ts';
import { log } from '../logger.ts';
import { counter } from '../metrics.ts';
import { newToken } from '../token.ts';
import { type CacheState, type CacheStateRow, readCacheState } from './cache-state.ts';
import { type CacheEngine, type CacheFault, type CacheStore, leaseReply } from './cache-store.ts';
import { type CacheKey, isValue } from './keys.ts';
import type { ReadTrace } from './read-trace.ts';
import type { Recovery } from './recovery.ts';
import { decodeRepresentation, encodeRepresentation, type Representation } from './representation.ts';

export interface CacheOptions {
  readonly store: CacheStore;
  readonly state: CacheState;
  readonly recovery: Recovery;
}

/** Reads the value from the database. @returns undefined for a value that does not exist, which is not cached */
type Load = () => Promise<Representation | undefined>;

/** Which cache is used, and whether it is in use. */
export interface CacheHealth {
  readonly engine: CacheEngine;
  /** `bypass`: reads go to the database. `full`: values that are stored still answer, and the cache is about to be emptied. */
  readonly state: 'ok' | 'bypass' | 'full';
  /** Why the cache is bypassed. `revoked`: it is empty as soon as a process has recovered it. */
  readonly reason?: CacheFault | 'revoked' | undefined;
}

/** Operations that failed because the cache could not be used. */
const cacheErrors = counter('CacheErrors');

/** Reason of a revocation, for the log. */
const wentBack = 'the database was restored, or lost its last commits';

/** A key that no resource uses. */
const probeKey: CacheKey = { resource: { name: 'cache', item: 'cache' }, id: 0 };

/** Keeps cached values true to the database. */
export class Cache implements WriteGuard {
  readonly #store: CacheStore;
  readonly #state: CacheState;
  readonly #recovery: Recovery;

  constructor({ store, state, recovery }: CacheOptions) {
    this.#store = store;
    this.#state = state;
    this.#recovery = recovery;
  }

  /**
   * Reads a value, from the database if the cache does not have it.
   * @param trace receives the source of the value and the times
   */
  async read(key: CacheKey, trace: ReadTrace, load: Load): Promise<Representation | undefined> {
    const startedAt = performance.now();
    const epoch = await this.#usableEpoch();
    if (epoch === undefined) {
      trace.cache = 'bypass';
      return timed(trace, load);
    }
    try {
      const text = await this.#store.get(key, epoch);
      if (text !== null && isValue(text)) {
        trace.cacheMs = performance.now() - startedAt;
        return hitOrLoad(text, trace, load);
      }
    } catch {
      cacheErrors.add();
      trace.cache = 'bypass';
      trace.cacheMs = performance.now() - startedAt;
      return timed(trace, load);
    }
    return this.#readThrough(key, epoch, trace, load, startedAt);
  }

  /** Stores the tombstones before a transaction. If the cache can't be reached, revokes it for all processes instead. */
  async begin(scopes: readonly WriteScope[]): Promise<WriteFence> {
    for (;;) {
      const row = await this.#state.refresh();
      if (row.move !== null) throw new DirectoryMoved();
      if (!row.isCurrent) {
        await this.#recovery.revoke(row.epoch, wentBack);
        continue;
      }
      if (row.instance === null) {
        this.#recovery.start();
        await this.#state.waitUntilNoticed(row);
        return new RevocationFence(this, row);
      }
      const write = newToken();
      if (await this.#beginInStore(row, write, scopes)) return new TombstoneFence(this, row.epoch, write, scopes);
      await this.#recovery.revoke(row.epoch, 'a write could not begin');
    }
  }

  /** Removes the tombstones after a transaction. As long as they are stored, no reader gets an old value. */
  async finish(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<void> {
    try {
      if (await this.#store.finish(epoch, write, scopes)) return;
    } catch {
      cacheErrors.add();
      // The store logs why it can't be reached. The recovery removes the tombstones with everything else.
    }
    try {
      await this.#recovery.revoke(epoch, 'a write could not finish');
      this.#recovery.start();
      // The cache may have lost the tombstones, so no process may use it any more when the writer gets its answer.
      const row = await this.#state.refresh();
      if (row.instance === null) await this.#state.waitUntilNoticed(row);
    } catch (error) {
      // The tombstones are still stored. The first reader who finds them abandoned revokes the cache.
      log.warn('The cache could not be revoked', { error: error as Error });
    }
  }

  /**
   * Leaves the tombstones of a write that may not have ended, and revokes the cache in the background: the row can't change
   * before the transaction has ended.
   */
  abandon(epoch: string): void {
    this.#recovery.keepRevoking(epoch, 'it is not known whether a write happened');
  }

  /** Asks the cache for a lease, as a read that misses does. If the cache is not in use, starts its recovery. */
  async check(): Promise<CacheHealth> {
    const state = await this.#checkState().catch(() => 'bypass' as const);
    const { engine, fault = 'revoked' } = this.#store;
    return { engine, state, ...(state === 'bypass' && { reason: fault }) };
  }

  async #checkState(): Promise<CacheHealth['state']> {
    const epoch = await this.#usableEpoch();
    if (epoch === undefined) return 'bypass';
    const token = newToken();
    const reply = await this.#lease(probeKey, epoch, token);
    if (reply === leaseReply.granted) await this.#release(probeKey, token);
    if (reply === leaseReply.full) return 'full';
    return reply === null || reply === leaseReply.lost ? 'bypass' : 'ok';
  }

  async #usableEpoch(): Promise<string | undefined> {
    const row = await this.#state.current();
    if (row.isCurrent && row.instance !== null && this.#store.instance === row.instance) return row.epoch;
    return this.#slowUsableEpoch(row);
  }

  /**
   * Waits for the store, which is not connected yet just after the start. If the cache is not in use even then, starts
   * its recovery.
   */
  async #slowUsableEpoch(row: CacheStateRow): Promise<string | undefined> {
    await this.#store.ready();
    if (!row.isCurrent) {
      this.#recovery.startAfter(row.epoch, wentBack);
      return undefined;
    }
    if (row.instance !== null && this.#store.instance === row.instance) {
      return (await this.#state.refresh()).epoch === row.epoch ? row.epoch : undefined;
    }
    this.#recovery.start();
    return undefined;
  }

  async #readThrough(
    key: CacheKey,
    epoch: string,
    trace: ReadTrace,
    load: Load,
    startedAt: number,
  ): Promise<Representation | undefined> {
    const token = newToken();
    const reply = await this.#lease(key, epoch, token);
    trace.cacheMs = performance.now() - startedAt;
    if (reply !== null && isValue(reply)) return hitOrLoad(reply, trace, load);
    trace.cache = reply === null || reply === leaseReply.lost || reply === leaseReply.full ? 'bypass' : 'miss';
    if (reply !== leaseReply.granted) return timed(trace, load);
    let value: Representation | undefined;
    try {
      value = await timed(trace, load);
    } finally {
      const loadedAt = performance.now();
      if (value === undefined) await this.#release(key, token);
      else await this.#fill(key, epoch, token, value);
      trace.cacheMs += performance.now() - loadedAt;
    }
    return value;
  }

  async #lease(key: CacheKey, epoch: string, token: string): Promise<string | null> {
    try {
      const reply = await this.#store.lease(key, epoch, token);
      if (reply === leaseReply.lost) this.#recovery.startAfter(epoch, 'the cache was emptied');
      if (reply === leaseReply.full) this.#recovery.startWhenFull(epoch);
      if (reply === leaseReply.abandoned) this.#recovery.startAfter(epoch, 'a write was abandoned');
      return reply;
    } catch {
      cacheErrors.add();
      return null;
    }
  }

  async #fill(key: CacheKey, epoch: string, token: string, value: Representation): Promise<void> {
    try {
      await this.#store.fill(key, epoch, token, encodeRepresentation(value));
    } catch {
      cacheErrors.add();
      // The reader has its value, and the lease expires.
    }
  }

  async #release(key: CacheKey, token: string): Promise<void> {
    try {
      await this.#store.release(key, token);
    } catch {
      cacheErrors.add();
      // The lease expires.
    }
  }

  async #beginInStore(row: CacheStateRow, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    if (this.#store.instance !== row.instance) await this.#store.ready();
    if (this.#store.instance !== row.instance) return false;
    try {
      return await this.#store.begin(row.epoch, write, scopes);
    } catch {
      cacheErrors.add();
      return false;
    }
  }
}

/** The fence of a write that has its tombstones in the cache: the epoch must be the one that they were stored under. */
class TombstoneFence implements WriteFence {
  readonly #cache: Cache;
  readonly #epoch: string;
  readonly #write: string;
  readonly #scopes: readonly WriteScope[];

  constructor(cache: Cache, epoch: string, write: string, scopes: readonly WriteScope[]) {
    this.#cache = cache;
    this.#epoch = epoch;
    this.#write = write;
    this.#scopes = scopes;
  }

  async holds(connection: Connection): Promise<boolean> {
    const { epoch, instance, isCurrent, move } = await readCacheState(connection);
    return move === null && isCurrent && epoch === this.#epoch && instance !== null;
  }

  abandon(): void {
    this.#cache.abandon(this.#epoch);
  }

  finish(): Promise<void> {
    return this.#cache.finish(this.#epoch, this.#write, this.#scopes);
  }
}

/** The fence of a write without tombstones: the cache must still be revoked, by the revocation that all have noticed. */
class RevocationFence implements WriteFence {
  readonly #cache: Cache;
  readonly #revoked: CacheStateRow;

  constructor(cache: Cache, revoked: CacheStateRow) {
    this.#cache = cache;
    this.#revoked = revoked;
  }

  async holds(connection: Connection): Promise<boolean> {
    const { instance, revocations, origin, isCurrent, move } = await readCacheState(connection);
    const isSame = revocations === this.#revoked.revocations && origin === this.#revoked.origin;
    return move === null && isCurrent && instance === null && isSame;
  }

  abandon(): void {
    this.#cache.abandon(this.#revoked.epoch);
  }

  async finish(): Promise<void> {}
}

/**
 * Returns the stored value, or loads it if an older version of this program has stored it in another form.
 * @param text the stored form; an older form stays in the cache until it expires
 */
function hitOrLoad(text: string, trace: ReadTrace, load: Load): Representation | Promise<Representation | undefined> {
  const value = decodeRepresentation(text);
  trace.cache = value === undefined ? 'bypass' : 'hit';
  return value ?? timed(trace, load);
}

async function timed<T>(trace: ReadTrace, load: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await load();
  } finally {
    trace.databaseMs = performance.now() - startedAt;
  }
}
