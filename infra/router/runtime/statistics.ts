/** Counts and times of one function since the router started. */

import type { Outcome } from './invocation.ts';

/** How many of the latest samples the quantiles are taken from. */
const kept = 1024;

/** The latest samples of a time, in milliseconds. */
export class Samples {
  readonly #ring = new Float64Array(kept);
  #count = 0;

  add(milliseconds: number): void {
    this.#ring[this.#count++ % kept] = milliseconds;
  }

  /** The latest samples, in no order, to a microsecond. */
  latest(): number[] {
    return Array.from(this.#ring.subarray(0, Math.min(this.#count, kept)), (one) => Math.round(one * 1000) / 1000);
  }
}

/** Median and 99th percentile of samples; null where there are none. */
export function quantilesOf(samples: number[]): { p50: number | null; p99: number | null } {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  return { p50: at(0.5), p99: at(0.99) };
}

export class Statistics {
  invocations = 0;
  errors = 0;
  throttles = 0;
  timeouts = 0;
  coldStarts = 0;
  /** Time of INIT, and of invocations as the router sees them, waiting included. */
  readonly init = new Samples();
  readonly duration = new Samples();
  /** Sum of all durations, in milliseconds. */
  durationSum = 0;

  /** Counts an invocation that ended, or was refused. */
  count(outcome: Outcome, milliseconds: number): void {
    if (outcome.type === 'throttled') {
      this.throttles++;
      return;
    }
    this.invocations++;
    this.durationSum += milliseconds;
    this.duration.add(milliseconds);
    if (outcome.type === 'error' || outcome.type === 'failure') this.errors++;
    if (outcome.type === 'failure' && outcome.reason === 'timeout') this.timeouts++;
  }
}
