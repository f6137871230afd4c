/**
 * Prometheus metrics of the functions that one router process hosts. A metric that CloudWatch has as well is named after
 * it, in snake case.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
import Counter from 'prom-client/lib/counter.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { durationBuckets } from './duration-buckets.ts';
import { EmbeddedMetrics } from './embedded-metrics.ts';

/** Counters and histograms, each with the label `function`. */
export class FunctionMetrics {
  readonly registry = new Registry();
  readonly invocations = this.#counter('lambda_invocations_total', 'Invocations that ended');
  readonly errors = this.#counter('lambda_errors_total', 'Invocations that failed');
  readonly timeouts = this.#counter('lambda_timeouts_total', 'Invocations that ran out of time');
  readonly throttles = this.#counter('lambda_throttles_total', 'Invocations that were refused');
  readonly coldStarts = this.#counter('lambda_cold_starts_total', 'Environments whose INIT succeeded');
  readonly duration = this.#histogram(
    'lambda_duration_seconds',
    'Time from the arrival of an invocation at the router to its end, waiting included',
  );
  readonly initDuration = this.#histogram(
    'lambda_init_duration_seconds',
    'Time from the start of a process until it takes events',
  );

  /** The metrics that functions write to their log. */
  readonly embedded = new EmbeddedMetrics(this.registry);

  /** Lets a function's metrics start at 0, so that Prometheus sees the first increase of each. */
  add(functionName: string): void {
    const labels = { function: functionName };
    for (const counter of [this.invocations, this.errors, this.timeouts, this.throttles, this.coldStarts]) {
      counter.inc(labels, 0);
    }
    for (const histogram of [this.duration, this.initDuration]) histogram.zero(labels);
    this.embedded.add(functionName);
  }

  #counter(name: string, help: string): Counter<'function'> {
    return new Counter({ name, help, labelNames: ['function'], registers: [this.registry] });
  }

  #histogram(name: string, help: string): Histogram<'function'> {
    return new Histogram({
      ...{ name, help, labelNames: ['function'], registers: [this.registry] },
      buckets: durationBuckets,
    });
  }
}
