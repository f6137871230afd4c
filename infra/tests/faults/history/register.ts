/**
 * Checks the linearizability of one user. The user is a register whose states come in a known order: absent, version 1, 2,
 * 3 …, deleted.
 *
 * Each operation has a rank, which is the place of its state in that order; a write ranks before the reads of its value.
 * Because the order is known, the history is linearizable exactly if ranks never fall in real time: an operation that
 * began after another one had ended must not have the lower rank.
 */
import type { Operation, Violation } from './operation.ts';

/** The state of one user that one operation shows. */
export interface Observation {
  readonly operation: Operation;
  readonly rank: number;
  readonly start: number;
  readonly end: number;
}

/** Rank of a read that finds no user yet. */
export const absentRank = 1;
/** Rank of the delete, and of reads after it. */
export const deleteRank = Number.MAX_SAFE_INTEGER - 1;
export const deletedRank = Number.MAX_SAFE_INTEGER;

/** @returns the rank of the write that makes a version */
export function writeRank(version: number): number {
  return 2 * version;
}

/** @returns the rank of reads of a version */
export function readRank(version: number): number {
  return 2 * version + 1;
}

/** @returns the name of a state, for messages */
function stateOf(rank: number): string {
  if (rank <= absentRank) return 'absent';
  return rank >= deleteRank ? 'deleted' : `version ${rank >> 1}`;
}

/** The time in which a user can have been in a state (ms). */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The observations of one user. */
export class Register {
  readonly id: number;
  /** Sorted by rank. */
  readonly observations: readonly Observation[];
  readonly #latestStart: number[] = [];
  readonly #earliestEnd: number[] = [];

  constructor(id: number, observations: readonly Observation[]) {
    this.id = id;
    this.observations = observations.toSorted((one, other) => one.rank - other.rank);
    let start = Number.NEGATIVE_INFINITY;
    for (const [index, observation] of this.observations.entries()) {
      start = Math.max(start, observation.start);
      this.#latestStart[index] = start;
    }
    let end = Number.POSITIVE_INFINITY;
    for (let index = this.observations.length - 1; index >= 0; index--) {
      end = Math.min(end, this.observations[index]?.end ?? end);
      this.#earliestEnd[index] = end;
    }
  }

  /** The highest version in any observation; 0 if there is none. */
  get latestVersion(): number {
    const index = this.#firstAtOrAbove(deleteRank) - 1;
    const rank = this.observations[index]?.rank ?? absentRank;
    return rank <= absentRank ? 0 : rank >> 1;
  }

  /**
   * Returns the time in which the user can have been in the state that a read of this rank shows. The state begins after
   * every earlier operation has begun, and ends before any later operation has ended.
   */
  window(rank: number): Window {
    // The rank of a read is one above the rank of the write that made its version.
    const before = this.#firstAtOrAbove(rank) - 1;
    const after = this.#firstAtOrAbove(rank + 1);
    return {
      from: this.#latestStart[before] ?? Number.NEGATIVE_INFINITY,
      to: this.#earliestEnd[after] ?? Number.POSITIVE_INFINITY,
    };
  }

  /** @returns a violation for each operation that contradicts an earlier one */
  check(): Violation[] {
    const byStart = this.observations.toSorted((one, other) => one.start - other.start);
    const byEnd = this.observations.toSorted((one, other) => compareTimes(one.end, other.end));
    const violations: Violation[] = [];
    let highest: Observation | undefined;
    let ended = 0;
    for (const observation of byStart) {
      for (let next = byEnd[ended]; next && next.end < observation.start; next = byEnd[++ended]) {
        if (highest === undefined || next.rank > highest.rank) highest = next;
      }
      if (highest && highest.rank > observation.rank) violations.push(this.#contradiction(observation, highest));
    }
    return violations;
  }

  #contradiction({ operation, rank }: Observation, against: Observation): Violation {
    const isWrite = rank % 2 === 0;
    const rule = isWrite ? 'write-too-late' : operation.client === 'database' ? 'lost-write' : 'stale-read';
    const late = ((operation.start - against.end) / 1000).toFixed(3);
    const message = `user ${this.id} is ${stateOf(rank)} ${late} s after it was ${stateOf(against.rank)}`;
    return { rule, message, operation, against: against.operation };
  }

  #firstAtOrAbove(rank: number): number {
    let low = 0;
    let high = this.observations.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.observations[middle]?.rank ?? rank) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Compares by <, because Infinity minus Infinity is NaN. */
function compareTimes(one: number, other: number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
