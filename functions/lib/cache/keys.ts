/**
 * Cache keys and their TTLs.
 *
 * A stored text that begins with `~` is a marker: a lease (a reader loads the value) or a tombstone (a write is in
 * progress). @see infra/docs/decisions/001-cache-protocol.md
 */
import type { Resource } from '../database/resources.ts';

/** Identifies a cached value: one item, or the result of one list query. */
export type CacheKey =
  | { readonly resource: Resource; readonly id: number }
  | { readonly resource: Resource; readonly query: string };

/** Holds the epoch of the cache, or the claim of the process that empties it. */
export const epochKey = 'cache_epoch';

export const itemTtlMs = 300_000;
export const listTtlMs = 60_000;

/** After this time another reader may load the value: the holder of the lease has died, or is too slow. */
export const leaseTtlMs = 2_000;

/** A write that has not finished after this time counts as abandoned, and the cache is revoked. */
export const abandonedAfterMs = 5_000;

/** How many results a cached list holds before it is emptied. Clients can't fill the memory with distinct queries. */
export const maxListQueries = 500;

/** How many bytes the results of a cached list have together before it is emptied, unless CACHE_LIST_BYTES says otherwise. */
export const defaultMaxListBytes = 16 * 1024 * 1024;

/** @returns the key of one item, such as `user_7` */
export function itemKey({ item }: Resource, id: number | string): string {
  return `${item}_${id}`;
}

/** @returns the key of the hash that has one field for each distinct query, such as `users_list` */
export function listKey({ name }: Resource): string {
  return `${name}_list`;
}

/** @returns the key of the sorted set of writes in progress by the time of their begin, such as `users_writes` */
export function writesKey({ name }: Resource): string {
  return `${name}_writes`;
}

/** @returns false for a marker */
export function isValue(text: string): boolean {
  return text.charCodeAt(0) !== 0x7e;
}
