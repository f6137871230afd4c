/**
 * The cache as the directory uses it: reads that go through it, and the guard of writes.
 *
 * What must hold, and why it does, is told in infra/docs/decisions/001-cache-protocol.md.
 */

import type { Connection } from '../database/sqlite/connection.ts';
import type { WriteGuard, WritePermit } from '../database/write-queue.ts';
import type { ReadTrace } from '../http/reply.ts';
import { log } from '../logger.ts';
import { isValue, newToken, type Place } from './places.ts';
import type { Recovery } from './redis/recovery.ts';
import { type CacheStore, leaseReply } from './store.ts';
import { readTrust, type Trust, type TrustRow } from './trust.ts';

export interface CacheOptions {
  readonly store: CacheStore;
  readonly trust: TrustRow;
  readonly recovery: Recovery;
}

export class Cache implements WriteGuard {
  readonly #store: CacheStore;
  readonly #trust: TrustRow;
  readonly #recovery: Recovery;

  constructor({ store, trust, recovery }: CacheOptions) {
    this.#store = store;
    this.#trust = trust;
    this.#recovery = recovery;
  }

  /**
   * Reads a place, from the database if the cache has nothing there.
   * @param load reads the value from the database; what is undefined is not cached
   */
  async read(place: Place, trace: ReadTrace, load: () => Promise<string | undefined>): Promise<string | undefined> {
    const start = performance.now();
    const epoch = await this.#usableEpoch();
    if (epoch === undefined) {
      trace.cache = 'bypass';
      return timed(trace, load);
    }
    try {
      const text = await this.#store.get(place);
      if (text !== null && isValue(text)) {
        trace.cache = 'hit';
        trace.cacheTime = performance.now() - start;
        return text;
      }
    } catch {
      trace.cache = 'bypass';
      trace.cacheTime = performance.now() - start;
      return timed(trace, load);
    }
    return this.#readThrough(place, epoch, trace, load, start);
  }

  /** Before a transaction: makes the cache forget what it may change, or everyone distrust the cache. */
  async begin(ids: readonly number[]): Promise<WritePermit> {
    for (;;) {
      const trust = await this.#trust.refresh();
      if (trust.instance === null) {
        this.#recovery.start();
        await this.#trust.noticed(trust.lapses);
        return new UntrustedPermit(trust.lapses);
      }
      const write = newToken();
      if (await this.#beginInStore(trust, write, ids)) return new TrustedPermit(this, trust.epoch, write, ids);
      await this.#recovery.distrust(trust.epoch, 'a write could not begin');
    }
  }

  /** After a transaction: takes the tombstones away. As long as they stay nothing stale can be read. */
  async finish(epoch: string, write: string, ids: readonly number[]): Promise<void> {
    try {
      if (await this.#store.finish(epoch, write, ids)) return;
    } catch {
      // Told by the store's own log line; the tombstones go with the rest of the cache.
    }
    try {
      await this.#recovery.distrust(epoch, 'a write could not finish');
      this.#recovery.start();
    } catch (error) {
      // The tombstones are still there: whoever finds them abandoned tries again.
      log.warn('The cache could not be distrusted', { error: error as Error });
    }
  }

  /** Asks the cache something; and if it is there but not in use, tries to change that. */
  async answers(): Promise<boolean> {
    try {
      await this.#usableEpoch();
      await this.#store.get({ id: 0 });
      return true;
    } catch {
      return false;
    }
  }

  async #usableEpoch(): Promise<string | undefined> {
    const trust = await this.#trust.current();
    if (trust.instance !== null && this.#store.instance === trust.instance) return trust.epoch;
    return this.#slowUsableEpoch(trust);
  }

  /** At first the store is not connected yet; later, something is amiss. */
  async #slowUsableEpoch(trust: Trust): Promise<string | undefined> {
    await this.#store.ready();
    if (trust.instance !== null && this.#store.instance === trust.instance) {
      return (await this.#trust.refresh()).epoch === trust.epoch ? trust.epoch : undefined;
    }
    this.#recovery.start();
    return undefined;
  }

  async #readThrough(
    place: Place,
    epoch: string,
    trace: ReadTrace,
    load: () => Promise<string | undefined>,
    start: number,
  ): Promise<string | undefined> {
    const token = newToken();
    const reply = await this.#lease(place, epoch, token);
    trace.cacheTime = performance.now() - start;
    if (reply !== null && isValue(reply)) {
      trace.cache = 'hit';
      return reply;
    }
    trace.cache = reply === null || reply === leaseReply.lost ? 'bypass' : 'miss';
    if (reply !== leaseReply.granted) return timed(trace, load);
    let value: string | undefined;
    try {
      value = await timed(trace, load);
    } finally {
      const filled = performance.now();
      if (value === undefined) await this.#quietly(() => this.#store.release(place, token));
      else await this.#fill(place, epoch, token, value);
      trace.cacheTime += performance.now() - filled;
    }
    return value;
  }

  async #lease(place: Place, epoch: string, token: string): Promise<string | null> {
    try {
      const reply = await this.#store.lease(place, epoch, token);
      if (reply === leaseReply.lost || reply === leaseReply.abandoned) {
        this.#recovery.startAfter(epoch, reply === leaseReply.lost ? 'the cache was emptied' : 'a write was abandoned');
      }
      return reply;
    } catch {
      return null;
    }
  }

  #fill(place: Place, epoch: string, token: string, value: string): Promise<void> {
    return this.#quietly(() => this.#store.fill(place, epoch, token, value));
  }

  async #quietly(command: () => unknown): Promise<void> {
    try {
      await command();
    } catch {
      // The read has its answer; the lease expires by itself.
    }
  }

  async #beginInStore(trust: Trust, write: string, ids: readonly number[]): Promise<boolean> {
    if (this.#store.instance !== trust.instance) await this.#store.ready();
    if (this.#store.instance !== trust.instance) return false;
    try {
      return await this.#store.begin(trust.epoch, write, ids);
    } catch {
      return false;
    }
  }
}

/** The cache knows of the write; it may commit as long as the epoch is the same. */
class TrustedPermit implements WritePermit {
  readonly #cache: Cache;
  readonly #epoch: string;
  readonly #write: string;
  readonly #ids: readonly number[];

  constructor(cache: Cache, epoch: string, write: string, ids: readonly number[]) {
    this.#cache = cache;
    this.#epoch = epoch;
    this.#write = write;
    this.#ids = ids;
  }

  holds(connection: Connection): boolean {
    const { epoch, instance } = readTrust(connection);
    return epoch === this.#epoch && instance !== null;
  }

  finish(): Promise<void> {
    return this.#cache.finish(this.#epoch, this.#write, this.#ids);
  }
}

/** Nobody uses the cache; the write may commit as long as that is so. */
class UntrustedPermit implements WritePermit {
  readonly #lapses: number;

  constructor(lapses: number) {
    this.#lapses = lapses;
  }

  holds(connection: Connection): boolean {
    const { instance, lapses } = readTrust(connection);
    return instance === null && lapses === this.#lapses;
  }

  async finish(): Promise<void> {}
}

async function timed<T>(trace: ReadTrace, load: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await load();
  } finally {
    trace.databaseTime = performance.now() - start;
  }
}
