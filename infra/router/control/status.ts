import type { Config } from '../config.ts';
import { quantilesOf } from '../runtime/statistics.ts';
import type { EnvironmentSnapshot, FunctionSnapshot, RouterSnapshot } from './snapshot.ts';

/** What the router and its functions are doing, for people and dashboards. Times in milliseconds. */
export function statusOf({ processes, functions }: RouterSnapshot, config: Config): object {
  const [first, ...others] = processes.map(({ pid, startedAt }) => ({
    startedAt: new Date(startedAt).toISOString(),
    uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
    pid,
  }));
  return {
    startedAt: first?.startedAt,
    uptimeSeconds: first?.uptimeSeconds,
    runtime: config.runtime,
    pid: first?.pid,
    ...(others.length > 0 && { processes: others }),
    functions: functions.map((one) => functionStatus(one, config)),
  };
}

function functionStatus(one: FunctionSnapshot, config: Config): object {
  return {
    name: one.name,
    route: one.route ?? null,
    runtime: one.runtime ?? config.runtime,
    state: stateOf(one),
    environments: one.environments.map(environmentStatus),
    provisionedConcurrency: one.provisionedConcurrency,
    maxConcurrency: one.maxConcurrency,
    reservedConcurrentExecutions: one.reservedConcurrentExecutions,
    timeout: one.timeout,
    memorySize: one.memorySize,
    invocations: one.invocations,
    errors: one.errors,
    throttles: one.throttles,
    timeouts: one.timeouts,
    coldStarts: one.coldStarts,
    inFlight: one.inFlight,
    initMs: quantilesOf(one.init),
    durationMs: quantilesOf(one.duration),
  };
}

/** In Lambda's words for the state of a function. */
function stateOf({ environments, initFailed }: FunctionSnapshot): 'active' | 'pending' | 'failed' | 'inactive' {
  const states = environments.map(({ state }) => state);
  if (states.includes('ready')) return 'active';
  if (states.includes('starting')) return 'pending';
  return initFailed ? 'failed' : 'inactive';
}

function environmentStatus({ id, pid, state, inFlight, startedAt, invocations }: EnvironmentSnapshot): object {
  return {
    id,
    pid,
    state: state === 'ready' ? (inFlight > 0 ? 'busy' : 'idle') : state,
    inFlight,
    startedAt: new Date(startedAt).toISOString(),
    invocations,
  };
}
