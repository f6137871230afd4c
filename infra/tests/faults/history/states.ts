/** Turns a history into one register for each user, with the observations of its states. */
import { coveredBy } from './coverage.ts';
import type { Operation, Violation } from './operation.ts';
import { absentRank, deletedRank, deleteRank, type Observation, Register, readRank, writeRank } from './register.ts';
import type { Authorship, Write } from './values.ts';

/** The registers, and the violations that their construction found. */
export interface States {
  readonly registers: ReadonlyMap<number, Register>;
  /** By user: the deletes that succeeded or may have. */
  readonly deletes: ReadonlyMap<number, readonly Operation[]>;
  readonly violations: readonly Violation[];
}

/** @returns the register of every user that the history mentions */
export function buildRegisters(operations: readonly Operation[], authorship: Authorship): States {
  const observations = new Map<number, Observation[]>();
  const misses = new Map<number, Observation[]>();
  const violations: Violation[] = [];
  for (const id of authorship.versions.keys()) observations.set(id, []);

  const deletes = collectDeletes(operations, violations);
  for (const [id, authors] of authorship.authors) {
    for (const [version, write] of authors) observations.get(id)?.push(writeObservation(version, write));
  }
  for (const operation of operations) {
    const { id, status, version, user, list, kind } = operation;
    if (kind === 'get' && user) add(observations, user.id, operation, readRank(user.version));
    if (id !== undefined && version !== undefined) add(observations, id, operation, readRank(version));
    if (id !== undefined && status === 404) add(misses, id, operation, absentRank);
    for (const seen of list?.users ?? []) add(observations, seen.id, operation, readRank(seen.version));
    if (list === undefined) continue;
    for (const missing of authorship.versions.keys()) {
      if (couldBeThere(missing, operation, authorship, deletes) && coveredBy(list, missing)) {
        add(misses, missing, operation, absentRank);
      }
    }
  }

  const registers = new Map<number, Register>();
  for (const [id, found] of observations) {
    const ended = deletes.get(id) ?? [];
    if (ended.length > 0) found.push(deleteObservation(ended));
    found.push(...placeMisses(id, found, misses.get(id) ?? [], ended, violations));
    registers.set(id, new Register(id, found));
  }
  return { registers, deletes, violations };
}

/**
 * Decides for each 404 whether the user was absent or deleted. It counts as absent unless an earlier operation has shown
 * the user, because that assumption restricts later operations the least.
 */
function placeMisses(
  id: number,
  found: readonly Observation[],
  misses: readonly Observation[],
  deletes: readonly Operation[],
  violations: Violation[],
): Observation[] {
  let there: Observation | undefined;
  for (const observation of found) if (there === undefined || observation.end < there.end) there = observation;
  const placed = misses.map((miss) => (there && there.end < miss.start ? { ...miss, rank: deletedRank } : miss));
  const deletedFrom = Math.min(...deletes.map(({ start }) => start));
  const wrong = placed.filter(({ rank, end }) => rank === deletedRank && end < deletedFrom);
  for (const { operation } of wrong) {
    const rule = operation.client === 'database' ? 'lost-write' : 'missing-user';
    const message = `user ${id} is missing, although it existed and no delete had begun`;
    violations.push({ rule, message, operation, against: there?.operation });
  }
  return placed.filter((miss) => !wrong.includes(miss));
}

function collectDeletes(operations: readonly Operation[], violations: Violation[]): Map<number, Operation[]> {
  const deletes = new Map<number, Operation[]>();
  for (const operation of operations) {
    const { kind, id, outcome } = operation;
    if (kind !== 'delete' || id === undefined || outcome === 'refused') continue;
    const others = deletes.get(id) ?? [];
    const earlier = others.find((other) => other.outcome === 'ok');
    if (earlier && outcome === 'ok') {
      violations.push({ rule: 'deleted-twice', message: `user ${id} was deleted twice`, operation, against: earlier });
    }
    deletes.set(id, [...others, operation]);
  }
  return deletes;
}

/** Several deletes may have run, and one of them deleted the user: the one that succeeded, if any. */
function deleteObservation(deletes: readonly Operation[]): Observation {
  const [first] = deletes.toSorted((one, other) => one.start - other.start);
  const operation = deletes.find(({ outcome }) => outcome === 'ok') ?? (first as Operation);
  const end = operation.outcome === 'ok' ? operation.end : Number.POSITIVE_INFINITY;
  return { operation, rank: deleteRank, start: operation.start, end };
}

function writeObservation(version: number, { attempts, start, end }: Write): Observation {
  const operation = attempts.find((attempt) => attempt.outcome === 'ok' && attempt.end === end) ?? attempts[0];
  return { operation: operation as Operation, rank: writeRank(version), start, end };
}

/** @returns false for a user created after the list or deleted before it: the list is right not to contain it */
function couldBeThere(
  id: number,
  { start, end, list }: Operation,
  { authors }: Authorship,
  deletes: ReadonlyMap<number, readonly Operation[]>,
): boolean {
  if (list?.users.some((user) => user.id === id)) return false;
  const created = authors.get(id)?.get(1);
  if (created && created.start > end) return false;
  return !deletes.get(id)?.some(({ outcome, end: deleted }) => outcome === 'ok' && deleted < start);
}

function add(observations: Map<number, Observation[]>, id: number, operation: Operation, rank: number): void {
  const observation = { operation, rank, start: operation.start, end: operation.end };
  const others = observations.get(id);
  if (others) others.push(observation);
  else observations.set(id, [observation]);
}
