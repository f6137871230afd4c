/**
 * Counts what happens in a function's process, and writes the counts to its log in CloudWatch's embedded metric format.
 * CloudWatch reads them there on AWS, and the router for /metrics.
 *
 * One line a second holds all that was counted, because a line for each invocation would cost more than a cached read.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @see infra/docs/decisions/057-metrics.md
 */

/** Counts events. */
export interface EventCounter {
  add(): void;
}

/** Keeps durations. */
export interface Timing {
  /** Runs work, and keeps how long it took, whether it failed or not. */
  measure<T>(work: () => Promise<T>): Promise<T>;
}

const namespace = 'cadastro';
/** How long counts wait for others (ms). */
const flushDelayMs = 1000;
/** As many values as one line may have of a metric. */
const maxValues = 100;

/** Tests, commands and local invocations run the same code, and nobody collects the metrics in their output. */
const isFunction = process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined && process.env.AWS_SAM_LOCAL !== 'true';

/** Metrics that were made, with what they have counted since the last line. */
const counts = new Map<string, number>();
const timings = new Map<string, number[]>();
let timer: NodeJS.Timeout | undefined;

/** @param name in CloudWatch's form, such as CacheHits, which /metrics shows as cadastro_cache_hits_total */
export function counter(name: string): EventCounter {
  counts.set(name, 0);
  return {
    add() {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      expectFlush();
    },
  };
}

/** @param name in CloudWatch's form, such as DatabaseDuration, which /metrics shows as cadastro_database_duration_seconds */
export function timing(name: string): Timing {
  timings.set(name, []);
  const record = (milliseconds: number) => {
    const values = timings.get(name) as number[];
    values.push(Math.round(milliseconds * 1000) / 1000);
    if (values.length === maxValues) flushMetrics();
    else expectFlush();
  };
  return {
    async measure(work) {
      const begun = performance.now();
      try {
        return await work();
      } finally {
        record(performance.now() - begun);
      }
    },
  };
}

function expectFlush(): void {
  timer ??= setTimeout(flushMetrics, flushDelayMs).unref();
}

/**
 * Writes what was counted since the last line, if anything. Called at the start of a process, it writes zeros: Prometheus sees no
 * increase from nothing to one.
 */
export function flushMetrics(): void {
  const line = takeMetrics();
  // A console would wrap the line in an entry of its own.
  if (isFunction && line !== undefined) process.stdout.write(`${line}\n`);
}

/** Lambda freezes a process after its answer, and may never thaw it. */
const mayFreeze = process.env.AWS_LAMBDA_RUNTIME_API !== undefined;

/** Writes what an invocation has counted before its answer, where the process may be frozen after it. */
export function withMetrics<T>(answer: Promise<T>): Promise<T> {
  return mayFreeze ? answer.finally(flushPending) : answer;
}

function flushPending(): void {
  if (timer !== undefined) flushMetrics();
}

/** @returns the line of everything that was counted, which counts anew from 0; undefined if there are no metrics */
export function takeMetrics(): string | undefined {
  clearTimeout(timer);
  timer = undefined;
  const metrics: { Name: string; Unit: string }[] = [];
  const values: Record<string, number | number[]> = {};
  for (const [name, count] of counts) {
    metrics.push({ Name: name, Unit: 'Count' });
    values[name] = count;
    counts.set(name, 0);
  }
  for (const [name, durations] of timings) {
    if (durations.length === 0) continue;
    metrics.push({ Name: name, Unit: 'Milliseconds' });
    values[name] = durations;
    timings.set(name, []);
  }
  if (metrics.length === 0) return undefined;
  // Without dimensions CloudWatch bills each metric once, not once a function.
  const directive = { Namespace: namespace, Dimensions: [[]], Metrics: metrics };
  return JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, ...values });
}

if (isFunction) process.on('exit', flushPending);
