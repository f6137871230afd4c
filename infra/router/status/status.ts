/**
 * GET /status: what this router and its functions are doing, for people and dashboards. Times are in milliseconds. Other routers
 * of the same database have a status of their own.
 */
import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import { quantilesOf } from '../runtime/statistics.ts';
import type { FunctionSnapshot, Metrics, RouterSnapshot } from './snapshot.ts';

/** Counts of a function in /status, and the metric that has each. */
const counts = {
  invocations: 'lambda_invocations_total',
  errors: 'lambda_errors_total',
  throttles: 'lambda_throttles_total',
  timeouts: 'lambda_timeouts_total',
  coldStarts: 'lambda_cold_starts_total',
};

/** @returns the body of GET /status */
export function statusOf({ processes, functions, metrics }: RouterSnapshot, config: Config): object {
  const [first, ...others] = processes.map(({ pid, startedAt }) => ({
    startedAt: new Date(startedAt).toISOString(),
    uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
    pid,
  }));
  return {
    // The id of the container, the name of the pod, or the name of the machine.
    router: hostname(),
    startedAt: first?.startedAt,
    uptimeSeconds: first?.uptimeSeconds,
    runtime: config.runtime,
    pid: first?.pid,
    ...(others.length > 0 && { processes: others }),
    functions: functions.map((one) => functionStatus(one, metrics, config)),
  };
}

function functionStatus(one: FunctionSnapshot, metrics: Metrics, config: Config): object {
  const { name, routes, runtimeClient, timeout, memorySize, maxConcurrency } = one.configuration;
  const { provisionedConcurrency, reservedConcurrentExecutions } = one.configuration;
  return {
    ...{ name, route: routes[0]?.key ?? null, runtime: runtimeClient ?? config.runtime, state: stateOf(one) },
    environments: one.environments,
    ...{ provisionedConcurrency, maxConcurrency, reservedConcurrentExecutions, timeout, memorySize },
    ...countsOf(name, metrics),
    inFlight: one.inFlight,
    initMs: quantilesOf(one.init),
    durationMs: quantilesOf(one.duration),
  };
}

function countsOf(functionName: string, metrics: Metrics): object {
  const count = (name: string) => {
    const values = metrics.find((metric) => metric.name === name)?.values;
    return values?.find(({ labels }) => labels.function === functionName)?.value ?? 0;
  };
  return Object.fromEntries(Object.entries(counts).map(([key, name]) => [key, count(name)]));
}

/** @returns the state of a function in Lambda's words, in lower case */
function stateOf({ environments, initFailed }: FunctionSnapshot): 'active' | 'pending' | 'failed' | 'inactive' {
  const states = environments.map(({ state }) => state);
  if (states.includes('idle') || states.includes('busy')) return 'active';
  if (states.includes('starting')) return 'pending';
  return initFailed ? 'failed' : 'inactive';
}
