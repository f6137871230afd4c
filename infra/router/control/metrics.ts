/**
 * The router in Prometheus' text format. What Lambda counts in CloudWatch has CloudWatch's name here, in snake case:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { quantilesOf } from '../runtime/statistics.ts';
import { processUsage } from './process-usage.ts';
import type { Reply } from './routes.ts';
import type { FunctionSnapshot, RouterSnapshot } from './snapshot.ts';

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number | null | undefined, suffix?: '_sum' | '_count'];

export function metricsOf({ functions, events, processes, cpuSeconds, residentBytes }: RouterSnapshot): Reply {
  const each = (value: (one: FunctionSnapshot) => number): Sample[] =>
    functions.map((one) => [{ function: one.name }, value(one)]);
  const usages = functions.flatMap(({ name, environments }) =>
    environments.map(({ id, pid }) => ({ labels: { function: name, environment: id }, usage: processUsage(pid) })),
  );
  const startedAt = processes[0]?.startedAt ?? Date.now();
  const text = [
    metric(
      'lambda_invocations_total',
      'counter',
      'Invocations that ended',
      each(({ invocations }) => invocations),
    ),
    metric(
      'lambda_errors_total',
      'counter',
      'Invocations that failed',
      each(({ errors }) => errors),
    ),
    metric(
      'lambda_timeouts_total',
      'counter',
      'Invocations that ran out of time',
      each(({ timeouts }) => timeouts),
    ),
    metric(
      'lambda_throttles_total',
      'counter',
      'Invocations that were refused',
      each(({ throttles }) => throttles),
    ),
    metric(
      'lambda_cold_starts_total',
      'counter',
      'Environments that were started',
      each(({ coldStarts }) => coldStarts),
    ),
    metric(
      'lambda_concurrent_executions',
      'gauge',
      'Invocations in hand, waiting ones included',
      each(({ inFlight }) => inFlight),
    ),
    metric(
      'lambda_duration_seconds',
      'summary',
      'Time of an invocation, waiting included; quantiles of the latest 1024 of each router process',
      functions.flatMap(({ name, duration, durationSum, invocations }) => {
        const labels = { function: name };
        const sum: Sample = [labels, durationSum / 1000, '_sum'];
        return [...quantiles(labels, duration), sum, [labels, invocations, '_count'] as Sample];
      }),
    ),
    metric(
      'lambda_init_duration_seconds',
      'summary',
      'Time from the start of a process until it takes events',
      functions.flatMap(({ name, init, coldStarts }) => {
        const labels = { function: name };
        return [...quantiles(labels, init), [labels, coldStarts, '_count'] as Sample];
      }),
    ),
    metric('lambda_environments', 'gauge', 'Environments by state', functions.flatMap(environmentStates)),
    metric(
      'lambda_environment_cpu_seconds_total',
      'counter',
      'CPU time of a function process',
      usages.map(({ labels, usage }) => [labels, usage?.cpuSeconds]),
    ),
    metric(
      'lambda_environment_resident_memory_bytes',
      'gauge',
      'Memory of a function process',
      usages.map(({ labels, usage }) => [labels, usage?.residentBytes]),
    ),
    metric('lambda_async_events_received_total', 'counter', 'Events taken', [[{}, events.received]]),
    metric('lambda_async_events_dropped_total', 'counter', 'Events given up', [[{}, events.dropped]]),
    metric('lambda_async_events_queued', 'gauge', 'Events being run or waiting for a retry', [[{}, events.size]]),
    metric('process_cpu_seconds_total', 'counter', 'CPU time of the router', [[{}, cpuSeconds]]),
    metric('process_resident_memory_bytes', 'gauge', 'Memory of the router', [[{}, residentBytes]]),
    metric('process_start_time_seconds', 'gauge', 'When the router started, since the epoch', [
      [{}, Math.round(startedAt) / 1000],
    ]),
  ].join('');
  return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: text };
}

/** One metric's lines; nothing when it has no value, as where there is no /proc. */
function metric(name: string, type: 'counter' | 'gauge' | 'summary', help: string, samples: Sample[]): string {
  const lines = samples.flatMap(([labels, value, suffix = '']) =>
    value === null || value === undefined ? [] : `${name}${suffix}${labelText(labels)} ${value}\n`,
  );
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** Names of functions and environments have no character that the format escapes. */
function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function quantiles(labels: Labels, samples: number[]): Sample[] {
  const { p50, p99 } = quantilesOf(samples);
  const seconds = (milliseconds: number | null) => milliseconds && milliseconds / 1000;
  return [
    [{ ...labels, quantile: '0.5' }, seconds(p50)],
    [{ ...labels, quantile: '0.99' }, seconds(p99)],
  ];
}

function environmentStates({ name, environments }: FunctionSnapshot): Sample[] {
  const counts = new Map([
    ['starting', 0],
    ['ready', 0],
    ['ending', 0],
  ]);
  for (const { state } of environments) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => [{ function: name, state }, count]);
}
