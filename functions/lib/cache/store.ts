/**
 * What a cache must be able to do: Redis and the embedded cache implement it. Each method is atomic.
 *
 * Every method may fail when the cache is away; callers then go round it.
 */
import type { Place } from './places.ts';

/** What a lease answers when the place holds no value. */
export const leaseReply = {
  /** The caller may fill the place. */
  granted: '~granted',
  /** Another reader or a write is at work there. */
  busy: '~busy',
  /** A write there has been under way for too long. */
  abandoned: '~abandoned',
  /** The cache is of another epoch than the caller believes. */
  lost: '~lost',
} as const;

type Answer<T> = T | Promise<T>;

export interface CacheStore {
  /** What the current connection leads to; undefined as long as there is none that answers. */
  readonly instance: string | undefined;
  /** Connects, or waits a little for a connection that is being made. Never fails. */
  ready(): Promise<void>;
  /** @returns what stands at the place, a value or a marker */
  get(place: Place): Answer<string | null>;
  /** Asks for the right to fill a place. @returns the value if there is one by now, else one of leaseReply */
  lease(place: Place, epoch: string, token: string): Answer<string>;
  /** Stores a value if the place still holds the lease, and the epoch is the same. */
  fill(place: Place, epoch: string, token: string, value: string): Answer<unknown>;
  /** Gives a lease back unused. */
  release(place: Place, token: string): Answer<unknown>;
  /** Puts tombstones on the users and empties the list. @returns false, having done nothing, in another epoch */
  begin(epoch: string, write: string, ids: readonly number[]): Answer<boolean>;
  /** Takes the write's tombstones away. @returns false in another epoch, or when the write is not known */
  finish(epoch: string, write: string, ids: readonly number[]): Answer<boolean>;
  /** From now on nobody can begin, lease or fill. Ends any earlier claim. */
  claim(token: string): Answer<unknown>;
  /** Removes everything. @returns false when the claim does not hold any more */
  clear(token: string): Answer<boolean>;
  /** Ends the claim: the cache is open to those of the epoch. @returns false when the claim does not hold any more */
  open(token: string, epoch: string): Answer<boolean>;
  close(): Answer<void>;
}
