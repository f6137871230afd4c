/**
 * Checks whole pages; their entries are checked as reads of one user. A page must be in order and without duplicates, show
 * all users as they were at one moment, and contain every user that matches its search. Its total must fit that moment.
 */
import { compareBy, coveredBy, matchesSearch } from './coverage.ts';
import type { Operation, SeenList, SeenUser, Violation } from './operation.ts';
import { absentRank, deletedRank, deleteRank, type Register, readRank, type Window, writeRank } from './register.ts';
import type { States } from './states.ts';
import type { Authorship } from './values.ts';

/** Bounds of the time in which a user existed (ms). */
interface Life {
  /** The user existed not before `bornFrom`, and surely from `bornBy` on. */
  readonly bornFrom: number;
  readonly bornBy: number;
  /** The user existed surely until `goneFrom`, and not after `goneBy`. */
  readonly goneFrom: number;
  readonly goneBy: number;
}

/** One bound of a moment, with the observation that sets it. */
interface Bound {
  readonly at: number;
  readonly of: string;
}

/** @returns the violations of the rules for lists */
export function checkLists(operations: readonly Operation[], authorship: Authorship, states: States): Violation[] {
  const lives = new Map([...states.registers].map(([id, register]) => [id, lifeOf(register, states)]));
  const violations: Violation[] = [];
  for (const operation of operations) {
    const { list } = operation;
    if (list === undefined) continue;
    const report = (rule: string, message: string) => violations.push({ rule, message, operation });
    for (const fault of shapeFaults(list)) report('list-shape', fault);
    const [from, to] = momentOf(operation, list, states.registers, lives);
    if (from.at > to.at) {
      report(
        'list-torn',
        `${from.of} only after ${from.at.toFixed(2)} ms, but ${to.of} only before ${to.at.toFixed(2)} ms`,
      );
      continue;
    }
    const moment = { from: from.at, to: to.at };
    const total = totalFault(list, moment, lives);
    if (total !== undefined) report('list-total', total);
    for (const id of missingMatches(list, moment, authorship, states.registers, lives)) {
      report('list-misses', `user ${id} matches "${list.query.q}" in every state it can have been in, but is missing`);
    }
  }
  return violations;
}

function shapeFaults({ query, users, total, next }: SeenList): string[] {
  const faults: string[] = [];
  const order = compareBy(query.sort);
  for (const [index, user] of users.entries()) {
    const before = users[index - 1];
    if (before && order(before, user) >= 0) faults.push(`user ${user.id} stands after user ${before.id}`);
    if (query.q !== '' && !matchesSearch(user, query.q)) faults.push(`user ${user.id} does not match "${query.q}"`);
  }
  if (users.length > query.limit) faults.push(`${users.length} users on a page of ${query.limit}`);
  if (next !== null && users.length < query.limit) faults.push('a page that is not full says that there are more');
  if (query.after === undefined && next === null && total !== users.length) {
    faults.push(`total ${total} of a whole list of ${users.length}`);
  }
  const mails = new Set(users.map(({ email }) => email.toLowerCase()));
  if (mails.size !== users.length) faults.push('two users have the same e-mail');
  return faults;
}

/** @returns the bounds of the moment that the page shows, as its users narrow it */
function momentOf(
  { start, end }: Operation,
  list: SeenList,
  registers: ReadonlyMap<number, Register>,
  lives: ReadonlyMap<number, Life>,
): [from: Bound, to: Bound] {
  let from = { at: start, of: 'the list was asked for' };
  let to = { at: end, of: 'the list was answered' };
  const narrow = (window: Window, of: string) => {
    if (window.from > from.at) from = { at: window.from, of };
    if (window.to < to.at) to = { at: window.to, of };
  };
  const shown = new Set<number>();
  for (const { id, version } of list.users) {
    shown.add(id);
    const window = registers.get(id)?.window(readRank(version));
    if (window) narrow(window, `user ${id} was version ${version}`);
  }
  for (const [id, { bornBy, goneFrom }] of lives) {
    if (shown.has(id) || !coveredBy(list, id)) continue;
    // The user did not exist, so the moment is before its birth or after its end. Only one of them may be possible.
    if (goneFrom > end) narrow({ from: Number.NEGATIVE_INFINITY, to: bornBy }, `user ${id} was not there yet`);
    else if (bornBy < start) narrow({ from: goneFrom, to: Number.POSITIVE_INFINITY }, `user ${id} was deleted`);
  }
  return [from, to];
}

function totalFault(
  { query, total }: SeenList,
  { from, to }: Window,
  lives: ReadonlyMap<number, Life>,
): string | undefined {
  if (query.q !== '') return undefined;
  let least = 0;
  let most = 0;
  for (const { bornFrom, bornBy, goneFrom, goneBy } of lives.values()) {
    if (bornBy < from && goneFrom > to) least++;
    if (bornFrom <= to && goneBy >= from) most++;
  }
  if (total >= least && total <= most) return undefined;
  return `total ${total}, although there were ${least === most ? least : `${least} to ${most}`} users`;
}

/** @returns the users that a complete search result lacks, although each state that they can have been in matches */
function missingMatches(
  list: SeenList,
  moment: Window,
  { versions }: Authorship,
  registers: ReadonlyMap<number, Register>,
  lives: ReadonlyMap<number, Life>,
): number[] {
  const { query, users, next } = list;
  if (query.q === '' || query.after !== undefined || next !== null) return [];
  const shown = new Set(users.map(({ id }) => id));
  const missing: number[] = [];
  for (const [id, { bornBy, goneFrom }] of lives) {
    if (shown.has(id) || bornBy >= moment.from || goneFrom <= moment.to) continue;
    const register = registers.get(id) as Register;
    if (!canMismatch(register, versions.get(id), moment, query.q)) missing.push(id);
  }
  return missing;
}

/** Tells whether the user can have been in a state that does not match. A version that no response showed may have any name. */
function canMismatch(
  register: Register,
  sightings: ReadonlyMap<number, { user: SeenUser }> | undefined,
  { from, to }: Window,
  q: string,
): boolean {
  for (let version = register.latestVersion; version >= 1; version--) {
    const window = register.window(readRank(version));
    if (window.to < from) return false;
    if (window.from > to) continue;
    const seen = sightings?.get(version);
    if (seen === undefined || !matchesSearch(seen.user, q)) return true;
  }
  return false;
}

function lifeOf(register: Register, { deletes }: States): Life {
  const mortal = (deletes.get(register.id)?.length ?? 0) > 0;
  return {
    // The register's window would count a 404 as one before the birth, although it may be one after the end.
    bornFrom: register.observations.find(({ rank }) => rank === writeRank(1))?.start ?? Number.NEGATIVE_INFINITY,
    bornBy: register.window(absentRank).to,
    goneFrom: mortal ? register.window(deletedRank).from : Number.POSITIVE_INFINITY,
    goneBy: mortal ? register.window(deleteRank - 1).to : Number.POSITIVE_INFINITY,
  };
}
