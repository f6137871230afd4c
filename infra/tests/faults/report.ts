/** Describes a run in a few lines, for the log of the tests. */
import { describeOperation, type Violation } from './history/operation.ts';
import { type Group, responseTimes } from './history/response-times.ts';
import type { Run } from './run.ts';
import type { Injected } from './schedule.ts';

/** @returns the requests, the faults, the use of the cache, the response times and the number of violations */
export function summarize(run: Run): string {
  const { operations, injected, violations, failures, cacheBackAfterMs, seed } = run;
  const { usual, inTrouble, slowest } = responseTimes(operations, injected);
  const requests = operations.filter(({ client }) => client !== 'database');
  const caches = count(requests.map(({ cache }) => cache).filter((cache) => cache !== undefined));
  const reads = Object.values(caches).reduce((sum, number) => sum + number, 0);
  const hits = ((caches.hit ?? 0) / (reads || 1)) * 100;
  return [
    `seed ${seed}: ${requests.length} operations (${format(count(requests.map(({ kind }) => kind)))})`,
    `  responses: ${format(count(requests.map(({ status, fault }) => String(status ?? fault))))}`,
    `  faults: ${injected.length} (${format(count(injected.map(({ name }) => name)))})`,
    `  cache: ${format(caches)}; ${hits.toFixed(0)} % hits; back ${cacheBackAfterMs?.toFixed(0) ?? 'never'} ms after the last fault`,
    `  usual: ${formatGroup(usual)}`,
    `  cache in trouble: ${formatGroup(inTrouble)}`,
    slowest ? `  slowest: ${describeOperation(slowest)}` : '',
    `  violations: ${violations.length}${violations.length === 0 ? '' : ` (${format(count(violations.map(({ rule }) => rule)))})`}`,
    ...failures.map((failure) => `  failure: ${failure}`),
  ].join('\n');
}

/** The statuses that the API documents for what the clients of a run ask, and those of parts that fail. */
const definedStatuses = new Set([200, 201, 204, 304, 400, 404, 409, 412, 422, 429, 502, 503, 504]);

/**
 * @returns the requests without an answer, and the answers whose status is not defined. A router without file descriptors
 *   has to close connections, so that requests at that time may go without an answer.
 */
export function undefinedAnswers({ operations, injected }: Pick<Run, 'operations' | 'injected'>): string[] {
  const exhausted = injected.filter(({ name }) => name === 'file descriptors exhausted');
  return operations
    .filter(({ client, status, start, end }) => {
      if (client === 'database') return false;
      if (status !== undefined) return !definedStatuses.has(status);
      return !exhausted.some((fault) => fault.start < end && fault.end > start);
    })
    .map(describeOperation);
}

/** @returns the first violations, each with the operation that it contradicts and the faults at that time */
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

function formatGroup({ requests, failed, p99Ms, worstMs }: Group): string {
  return `${requests} requests, ${failed} failed, p99 ${p99Ms.toFixed(0)} ms, worst ${worstMs.toFixed(0)} ms`;
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
