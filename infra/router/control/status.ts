import type { Config } from '../config.ts';
import type { Environment } from '../runtime/environment.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Pool } from '../runtime/pool.ts';

/** What the router and its functions are doing, for people and dashboards. Times in milliseconds. */
export function statusOf(host: FunctionHost, config: Config): object {
  const uptimeSeconds = process.uptime();
  return {
    startedAt: new Date(Date.now() - uptimeSeconds * 1000).toISOString(),
    uptimeSeconds: Math.round(uptimeSeconds),
    runtime: config.runtime,
    pid: process.pid,
    functions: [...host.pools.values()].map((pool) => functionStatus(pool, config)),
  };
}

function functionStatus(pool: Pool, config: Config): object {
  const { configuration, statistics, inFlight } = pool;
  const { invocations, errors, throttles, timeouts, coldStarts, init, duration } = statistics;
  return {
    name: configuration.name,
    route: configuration.routes[0] ?? null,
    runtime: configuration.runtime ?? config.runtime,
    state: stateOf(pool),
    environments: [...pool.environments].map(environmentStatus),
    provisionedConcurrency: configuration.provisionedConcurrency,
    maxConcurrency: configuration.maxConcurrency,
    reservedConcurrentExecutions: configuration.reservedConcurrentExecutions,
    timeout: configuration.timeout,
    memorySize: configuration.memorySize,
    invocations,
    errors,
    throttles,
    timeouts,
    coldStarts,
    inFlight,
    initMs: init.quantiles(),
    durationMs: duration.quantiles(),
  };
}

/** In Lambda's words for the state of a function. */
function stateOf({ environments, initError }: Pool): 'active' | 'pending' | 'failed' | 'inactive' {
  const states = [...environments].map(({ state }) => state);
  if (states.includes('ready')) return 'active';
  if (states.includes('starting')) return 'pending';
  return initError ? 'failed' : 'inactive';
}

function environmentStatus({ id, pid, state, inFlight, startedAt, invocations }: Environment): object {
  return {
    id,
    pid,
    state: state === 'ready' ? (inFlight > 0 ? 'busy' : 'idle') : state,
    inFlight,
    startedAt: new Date(startedAt).toISOString(),
    invocations,
  };
}
