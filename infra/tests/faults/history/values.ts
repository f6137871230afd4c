/**
 * Finds the write that made each version. Every name ends in the tag of its write, so each version in a response has one
 * author. This module reports values that no write contains, and writes that made two versions.
 */
import type { Operation, SeenUser, Violation } from './operation.ts';

/** A write. All attempts under one Idempotency-Key are one write. */
export interface Write {
  readonly tag: string;
  readonly attempts: Operation[];
  /** The write took effect not before this time. */
  start: number;
  /** The write had taken effect by this time, when its first successful response came. */
  end: number;
  /** The version that it made, once a response has shown it. */
  made: SeenUser | undefined;
}

/** A user in a response. */
export interface Sighting {
  readonly operation: Operation;
  readonly user: SeenUser;
}

/** The writes of a history and the versions that they made. */
export interface Authorship {
  readonly writes: ReadonlyMap<string, Write>;
  /** The write that made a version, by user and version. */
  readonly authors: ReadonlyMap<number, ReadonlyMap<number, Write>>;
  /** The first sighting of a version, by user and version. */
  readonly versions: ReadonlyMap<number, ReadonlyMap<number, Sighting>>;
  readonly violations: readonly Violation[];
}

/** @returns the last word of a name */
function tagOf(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1);
}

/** @returns every user in the response of an operation */
function sightingsOf(operation: Operation): Sighting[] {
  const users = [...(operation.user ? [operation.user] : []), ...(operation.list?.users ?? [])];
  return users.map((user) => ({ operation, user }));
}

/** @returns the author of every version in a response */
export function findAuthors(operations: readonly Operation[]): Authorship {
  const writes = collectWrites(operations);
  const authors = new Map<number, Map<number, Write>>();
  const versions = new Map<number, Map<number, Sighting>>();
  const violations: Violation[] = [];
  for (const operation of operations) {
    for (const sighting of sightingsOf(operation)) {
      const { user } = sighting;
      const known = at(versions, user.id).get(user.version);
      if (known === undefined) at(versions, user.id).set(user.version, sighting);
      const write = writes.get(tagOf(user.name));
      const fault =
        (known && differenceOf(known.user, user)) ??
        (write ? faultOf(write, user) : 'shows a value that no write contains');
      if (fault !== undefined) {
        violations.push({ rule: 'phantom', message: `${nameOf(user)} ${fault}`, operation, against: known?.operation });
      } else if (write && write.made === undefined) {
        write.made = user;
        at(authors, user.id).set(user.version, write);
      } else if (write?.made && (write.made.id !== user.id || write.made.version !== user.version)) {
        const message = `one write made both ${nameOf(write.made)} and ${nameOf(user)}`;
        violations.push({ rule: 'made-twice', message, operation, against: write.attempts[0] });
      }
    }
    const own = ownFault(operation);
    if (own !== undefined) violations.push({ rule: 'wrong-answer', message: own, operation });
  }
  violations.push(...keptFields(authors, versions));
  return { writes, authors, versions, violations };
}

function collectWrites(operations: readonly Operation[]): Map<string, Write> {
  const writes = new Map<string, Write>();
  for (const operation of operations) {
    const { written, start, end, outcome } = operation;
    if (written === undefined) continue;
    const ended = outcome === 'ok' ? end : Number.POSITIVE_INFINITY;
    const write = writes.get(written.tag);
    if (write === undefined) {
      writes.set(written.tag, { tag: written.tag, attempts: [operation], start, end: ended, made: undefined });
    } else {
      write.attempts.push(operation);
      write.start = Math.min(write.start, start);
      write.end = Math.min(write.end, ended);
    }
  }
  return writes;
}

/** @returns why this write cannot have made that version; undefined if it can */
function faultOf({ attempts }: Write, user: SeenUser): string | undefined {
  const possible = attempts.filter(({ outcome }) => outcome !== 'refused');
  if (possible.length === 0) return `shows the value of a write that was refused (${attempts[0]?.status})`;
  for (const { kind, id, ifMatch, written } of possible) {
    if (written?.name !== user.name) return `has the name "${user.name}", written as "${written?.name}"`;
    if (written.email !== undefined && written.email !== user.email)
      return `has the e-mail ${user.email} of another write`;
    if (kind === 'create') {
      if (user.version !== 1) return 'was made by a create, but is not version 1';
    } else {
      if (id !== user.id) return `shows what was written to user ${id}`;
      if (user.version < 2) return 'was made by a change, but is version 1';
      if (ifMatch !== undefined && user.version !== ifMatch + 1) return `was written with If-Match version ${ifMatch}`;
    }
  }
  return undefined;
}

/** @returns how the response to a write contradicts its request */
function ownFault({ kind, outcome, written, user, id }: Operation): string | undefined {
  if (outcome !== 'ok' || written === undefined) return undefined;
  if (user === undefined) return 'the response to the write shows no user';
  if (user.name !== written.name) return `wrote "${written.name}", and the response shows "${user.name}"`;
  return kind !== 'create' && user.id !== id ? `changed user ${id}, and the response shows user ${user.id}` : undefined;
}

/** @returns how two sightings of the same version differ */
function differenceOf(known: SeenUser, user: SeenUser): string | undefined {
  for (const field of ['name', 'email', 'createdAt', 'updatedAt'] as const) {
    if (known[field] !== user[field]) return `has ${field} ${user[field]} here and ${known[field]} elsewhere`;
  }
  return undefined;
}

/** Checks that a patch keeps the fields that it does not name, and that no change touches createdAt. */
function keptFields(
  authors: ReadonlyMap<number, ReadonlyMap<number, Write>>,
  versions: ReadonlyMap<number, ReadonlyMap<number, Sighting>>,
): Violation[] {
  const violations: Violation[] = [];
  for (const [id, sightings] of versions) {
    for (const [version, { user, operation }] of sightings) {
      const before = sightings.get(version - 1);
      if (before === undefined) continue;
      const keepsEmail = authors.get(id)?.get(version)?.attempts[0]?.written?.email === undefined;
      const fields =
        keepsEmail && authors.get(id)?.has(version) ? (['createdAt', 'email'] as const) : (['createdAt'] as const);
      for (const field of fields) {
        if (before.user[field] === user[field]) continue;
        const message = `${nameOf(user)} has ${field} ${user[field]}, the version before ${before.user[field]}`;
        violations.push({ rule: 'phantom', message, operation, against: before.operation });
      }
    }
  }
  return violations;
}

function nameOf({ id, version }: SeenUser): string {
  return `user ${id} version ${version}`;
}

function at<K, V>(maps: Map<number, Map<K, V>>, id: number): Map<K, V> {
  let map = maps.get(id);
  if (map === undefined) {
    map = new Map();
    maps.set(id, map);
  }
  return map;
}
