/** Compares the response times while only the cache is in trouble with the usual ones. */
import type { Operation } from './operation.ts';

/** The part of an injected fault that response times depend on. Times are on the clock of the history (ms). */
export interface FaultTime {
  readonly target: 'cache' | 'process';
  readonly start: number;
  readonly end: number;
}

/** How long after a fault requests may still feel it. */
const aftermathMs = { process: 1_500, cache: 500 };

/** How much longer the slowest hundredth of requests may take while the cache is in trouble. */
const allowanceMs = 300;

/** The times of a group of requests, and how many of them failed. */
export interface Group {
  readonly requests: number;
  /** Status 429 or 5xx, or no response. */
  readonly failed: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** Both groups of a run. */
export interface ResponseTimes {
  /** Requests outside of every fault. */
  readonly usual: Group;
  /** Requests during or just after a fault of the cache, while no process is in trouble. */
  readonly inTrouble: Group;
  /** The slowest request of both groups. */
  readonly slowest: Operation | undefined;
}

/** @param operations requests during or just after a fault of a process are left out: they may fail or take long */
export function responseTimes(operations: readonly Operation[], faults: readonly FaultTime[]): ResponseTimes {
  const requests = operations.filter(
    (operation) => operation.client !== 'database' && !overlaps(operation, faults, 'process'),
  );
  const usual = requests.filter((operation) => !overlaps(operation, faults, 'cache'));
  const inTrouble = requests.filter((operation) => overlaps(operation, faults, 'cache'));
  const [slowest] = requests.toSorted((one, other) => durationMs(other) - durationMs(one));
  return { usual: groupOf(usual), inTrouble: groupOf(inTrouble), slowest };
}

/**
 * States what the times break of the promise that trouble of the cache fails no request and delays it little. Both groups
 * come from the same run, so that the machine's speed does not matter.
 */
export function brokenPromises({ usual, inTrouble }: ResponseTimes): string[] {
  const broken: string[] = [];
  if (usual.failed > 0) broken.push(`${usual.failed} requests failed though nothing was in trouble`);
  if (inTrouble.failed > 0) broken.push(`${inTrouble.failed} requests failed while only the cache was in trouble`);
  const limitMs = usual.p99Ms + allowanceMs;
  // Of fewer requests, the percentile is the slowest one, which says little.
  if (inTrouble.requests >= 100 && inTrouble.p99Ms > limitMs) {
    const times = `${inTrouble.p99Ms.toFixed(0)} ms, usually ${usual.p99Ms.toFixed(0)} ms`;
    broken.push(`the 99th percentile while only the cache was in trouble was ${times}`);
  }
  return broken;
}

function groupOf(operations: readonly Operation[]): Group {
  const failed = new Set(operations.filter(({ status = 500 }) => status >= 500 || status === 429));
  const times = operations
    .filter((operation) => !failed.has(operation))
    .map(durationMs)
    .sort((one, other) => one - other);
  const p99Ms = times[Math.min(times.length - 1, Math.floor(times.length * 0.99))] ?? 0;
  return { requests: operations.length, failed: failed.size, p99Ms, worstMs: times.at(-1) ?? 0 };
}

function durationMs({ start, end }: Operation): number {
  return end - start;
}

function overlaps({ start, end }: Operation, faults: readonly FaultTime[], target: FaultTime['target']): boolean {
  return faults.some(
    (fault) => fault.target === target && fault.start < end && fault.end + aftermathMs[target] > start,
  );
}
