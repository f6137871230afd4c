/**
 * Where things stand in the cache, for how long, and what stands there while they are on their way.
 *
 * A value begins with anything but `~`; what begins with `~` is a marker: a lease (a reader fetches the value) or a
 * tombstone (a write is under way). See infra/docs/decisions/001-cache-protocol.md.
 */
import { randomBytes } from 'node:crypto';

/** A hash, one field per distinct query. */
export const listKey = 'users_list';
/** The epoch that fills and writes must have been begun under. */
export const epochKey = 'users_epoch';
/** A sorted set: the writes under way, by the time they began. */
export const writesKey = 'users_writes';

/** Times in milliseconds. */
export const userLifetime = 300_000;
export const listLifetime = 60_000;
/** A reader that has not filled by then has died, or is so slow that another may try. */
export const leaseLifetime = 2_000;
/** A write that has not finished by then has most likely died; see Trust. */
export const abandonedAfter = 5_000;

/** Pages kept at once; past it the list starts anew, so that searches at random can't fill the memory. */
export const maxPages = 500;

/** One user, or one page of the list. */
export type Place = { readonly id: number } | { readonly page: string };

export function userKey(id: number | string): string {
  return `user_${id}`;
}

/** @returns whether what stands at a place is a value, not a marker */
export function isValue(text: string): boolean {
  return text.charCodeAt(0) !== 0x7e;
}

const processPart = randomBytes(9).toString('base64url');
let count = 0;

/** @returns a text that no other lease, write or claim has, in this process or another */
export function newToken(): string {
  count++;
  return `${processPart}${count.toString(36)}`;
}
