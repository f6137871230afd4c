/**
 * The operations that the protocol needs of a cache. Redis and the embedded cache implement them.
 *
 * Each operation is atomic. Each fails while the cache can't be reached; the caller then does without the cache. A cache
 * that is full refuses only `lease` and `fill`: writes and the recovery need little memory, and free much.
 */
import type { Resource } from '../database/resources.ts';
import type { WriteScope } from '../database/write-queue.ts';
import type { CacheKey } from './keys.ts';
import { redisEngines } from './redis/redis-address.ts';

/** The replies of `lease` when no value is stored under the key. */
export const leaseReply = {
  /** The caller has the lease: it alone may fill the key. */
  granted: '~granted',
  /** Another reader has the lease, or a write is in progress. */
  busy: '~busy',
  /** A write has been in progress for so long that its process must have died. */
  abandoned: '~abandoned',
  /** The cache has another epoch than the caller. */
  lost: '~lost',
  /** The cache has no memory left for a lease or a value. */
  full: '~full',
} as const;

type MaybePromise<T> = T | Promise<T>;

/** The kinds of store that can hold the cached values. */
export const cacheEngines = ['none', 'embedded', ...redisEngines] as const;
export type CacheEngine = (typeof cacheEngines)[number];

/**
 * Why a cache may not be used: it does not answer; it is a replica; it may evict any key; its version is too old; it refuses a
 * command of the protocol; there is none.
 */
export const cacheFaults = ['unreachable', 'replica', 'eviction-policy', 'old-version', 'permission', 'none'] as const;
export type CacheFault = (typeof cacheFaults)[number];

/** A cache that function processes share. */
export interface CacheStore {
  readonly engine: CacheEngine;
  /** Identifies the Redis process or the cache file behind the connection; undefined while none may be used. */
  readonly instance: string | undefined;
  /** Why the cache may not be used; undefined while there is an instance. */
  readonly fault: CacheFault | undefined;
  /** Connects, or waits a little while a connection is made. Never rejects. */
  ready(): Promise<void>;
  /** @returns the value or the marker under the key; `leaseReply.lost` where the cache has another epoch and can tell */
  get(key: CacheKey, epoch: string): MaybePromise<string | null>;
  /** Asks for the right to fill a key. @returns the value, if one is stored by now, or one of `leaseReply` */
  lease(key: CacheKey, epoch: string, token: string): MaybePromise<string>;
  /** Stores a value, if the key still holds the lease of the token and the epoch is the same. */
  fill(key: CacheKey, epoch: string, token: string, value: string): MaybePromise<unknown>;
  /** Gives a lease back without a value. */
  release(key: CacheKey, token: string): MaybePromise<unknown>;
  /** Stores tombstones for the items, and empties the lists. @returns false, without a change, in another epoch */
  begin(epoch: string, write: string, scopes: readonly WriteScope[]): MaybePromise<boolean>;
  /** Removes the tombstones of a write. @returns false in another epoch, or for an unknown write */
  finish(epoch: string, write: string, scopes: readonly WriteScope[]): MaybePromise<boolean>;
  /** Claims the cache for its recovery: until `open`, every lease, fill and write fails. A later claim replaces it. */
  claim(token: string): MaybePromise<unknown>;
  /** Removes all values and markers of the resources. @returns false when another claim has replaced this one */
  clear(token: string, resources: readonly Resource[]): MaybePromise<boolean>;
  /** Ends the claim and sets the epoch. @returns false when another claim has replaced this one */
  open(token: string, epoch: string): MaybePromise<boolean>;
  close(): MaybePromise<void>;
}
