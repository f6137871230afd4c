/** What a run comes to, in a few lines. */
import { describeOperation, type Operation, type Violation } from './history/operation.ts';
import type { Run } from './run.ts';
import type { FaultTarget, Injected } from './schedule.ts';

/** Milliseconds after a fault in which requests may still feel it. */
const aftermath = { process: 1_500, cache: 500 };

/** Milliseconds that the cache's troubles may add to a request. */
const allowance = 300;

export interface ResponseTimes {
  /** Requests while nothing was wrong: 99th percentile, and the slowest. */
  readonly usual: number;
  readonly usualWorst: number;
  /** Requests while only the cache was in trouble, or had just been: how many, 99th percentile, and the slowest. */
  readonly requests: number;
  readonly p99: number;
  readonly worst: number;
  /** How many of them took more than 300 ms longer than the slowest usual one. */
  readonly late: number;
  /** How many of them failed. */
  readonly failed: number;
  /** Of all those. */
  readonly slowest: Operation | undefined;
}

export function responseTimes({ operations, injected }: Pick<Run, 'operations' | 'injected'>): ResponseTimes {
  const times = { usual: [] as number[], troubled: [] as number[] };
  let failed = 0;
  let slowest: Operation | undefined;
  for (const operation of operations) {
    if (operation.client === 'database' || overlaps(operation, injected, 'process')) continue;
    const { start, end, status = 500 } = operation;
    const inTrouble = overlaps(operation, injected, 'cache');
    if (inTrouble && (status >= 500 || status === 429)) failed++;
    else times[inTrouble ? 'troubled' : 'usual'].push(end - start);
    if (slowest === undefined || end - start > slowest.end - slowest.start) slowest = operation;
  }
  const usual = times.usual.sort((one, other) => one - other);
  const troubled = times.troubled.sort((one, other) => one - other);
  const usualWorst = usual.at(-1) ?? 0;
  return {
    usual: percentile(usual, 0.99),
    usualWorst,
    requests: troubled.length + failed,
    p99: percentile(troubled, 0.99),
    worst: troubled.at(-1) ?? 0,
    late: troubled.filter((time) => time > usualWorst + allowance).length,
    failed,
    slowest,
  };
}

/** @returns lines for people: what was done, what was broken, what came out */
export function summarize(run: Run): string {
  const { operations, injected, violations, failures, cacheBackAfter, seed } = run;
  const times = responseTimes(run);
  const requests = operations.filter(({ client }) => client !== 'database');
  const caches = count(requests.map(({ cache }) => cache).filter((cache) => cache !== undefined));
  const reads = Object.values(caches).reduce((sum, number) => sum + number, 0);
  const hits = ((caches.hit ?? 0) / (reads || 1)) * 100;
  return [
    `seed ${seed}: ${requests.length} operations (${format(count(requests.map(({ kind }) => kind)))})`,
    `  answers: ${format(count(requests.map(({ status, fault }) => String(status ?? fault))))}`,
    `  faults: ${injected.length} (${format(count(injected.map(({ name }) => name)))})`,
    `  cache: ${format(caches)}; ${hits.toFixed(0)} % hits; back ${cacheBackAfter?.toFixed(0) ?? 'never'} ms after the last fault`,
    `  response times: usual p99 ${times.usual.toFixed(0)} ms, worst ${times.usualWorst.toFixed(0)}; cache in trouble:` +
      ` ${times.requests} requests, p99 ${times.p99.toFixed(0)} ms, worst ${times.worst.toFixed(0)}, late ${times.late}, failed ${times.failed}`,
    times.slowest ? `  slowest: ${describeOperation(times.slowest)}` : '',
    `  violations: ${violations.length}${violations.length === 0 ? '' : ` (${format(count(violations.map(({ rule }) => rule)))})`}`,
    ...failures.map((failure) => `  failure: ${failure}`),
  ].join('\n');
}

/** @returns the first violations, each with what it contradicts and the faults at that time */
export function explain({ violations, injected, seed }: Run, atMost = 5): string {
  return violations
    .slice(0, atMost)
    .map((violation) => explainOne(violation, injected, seed))
    .join('\n');
}

function explainOne(
  { rule, message, operation, against }: Violation,
  injected: readonly Injected[],
  seed: number,
): string {
  const from = Math.min(operation.start, against?.start ?? operation.start) - 500;
  const around = injected.filter(({ start, end }) => start < operation.start && end > from);
  return [
    `${rule}: ${message} (seed ${seed})`,
    `    ${describeOperation(operation)}`,
    ...(against ? [`    against ${describeOperation(against)}`] : []),
    ...around.map(({ name, start, end }) => `    fault [${start.toFixed(0)}–${end.toFixed(0)} ms] ${name}`),
  ].join('\n');
}

function overlaps({ start, end }: Operation, injected: readonly Injected[], target: FaultTarget): boolean {
  return injected.some(
    (fault) => fault.target === target && fault.start < end && fault.end + aftermath[target] > start,
  );
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function format(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return entries.map(([name, number]) => `${name} ${number}`).join(', ');
}
