/** Counts and times of one function since the router process started. */
import type { FunctionMetrics } from './function-metrics.ts';
import type { InvocationOutcome } from './invocation.ts';

/** The quantiles of /status are those of this many latest samples. */
const maxSamples = 1024;

/** The latest samples of a duration (ms), for people who look at /status; Prometheus has the histograms. */
export class RecentSamples {
  readonly #ring = new Float64Array(maxSamples);
  #count = 0;

  /** @param milliseconds one more sample; it replaces the oldest */
  add(milliseconds: number): void {
    this.#ring[this.#count++ % maxSamples] = milliseconds;
  }

  /** @returns the samples (ms, rounded to a microsecond), in no particular order */
  all(): number[] {
    const samples = this.#ring.subarray(0, Math.min(this.#count, maxSamples));
    return Array.from(samples, (one) => Math.round(one * 1000) / 1000);
  }
}

/** Median and 99th percentile, in the unit of the samples. */
export interface Quantiles {
  p50: number | null;
  p99: number | null;
}

/** @returns the quantiles of the samples; null where there are no samples */
export function quantilesOf(samples: number[]): Quantiles {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Counts one function's invocations and cold starts. */
export class Statistics {
  readonly init = new RecentSamples();
  readonly duration = new RecentSamples();
  readonly #metrics: FunctionMetrics;
  readonly #labels: { function: string };

  /** @param metrics those of all functions of this router process */
  constructor(functionName: string, metrics: FunctionMetrics) {
    this.#metrics = metrics;
    this.#labels = { function: functionName };
    metrics.add(functionName);
  }

  /** Counts an environment whose INIT took this long. */
  coldStart(milliseconds: number): void {
    this.#metrics.coldStarts.inc(this.#labels);
    this.#metrics.initDuration.observe(this.#labels, milliseconds / 1000);
    this.init.add(milliseconds);
  }

  /** Counts an invocation that was refused before it waited or ran. */
  throttle(): void {
    this.#metrics.throttles.inc(this.#labels);
  }

  /** @param milliseconds from the arrival of the invocation to its end */
  invocation(outcome: InvocationOutcome, milliseconds: number): void {
    if (outcome.type === 'throttled') {
      this.throttle();
      return;
    }
    this.#metrics.invocations.inc(this.#labels);
    this.#metrics.duration.observe(this.#labels, milliseconds / 1000);
    this.duration.add(milliseconds);
    if (outcome.type === 'error' || outcome.type === 'failure') this.#metrics.errors.inc(this.#labels);
    if (outcome.type === 'failure' && outcome.reason === 'timeout') this.#metrics.timeouts.inc(this.#labels);
  }
}
