/** What a router and its functions have done and are doing, as plain data that can go from process to process. */
import type { RuntimeName } from '../config.ts';
import type { State } from '../runtime/environment.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Pool } from '../runtime/pool.ts';
import type { EventQueue } from './event-queue.ts';

export interface EnvironmentSnapshot {
  id: string;
  pid: number | undefined;
  state: State;
  inFlight: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  invocations: number;
}

export interface FunctionSnapshot {
  name: string;
  route: string | undefined;
  runtime: RuntimeName | undefined;
  provisionedConcurrency: number;
  maxConcurrency: number;
  reservedConcurrentExecutions: number;
  timeout: number;
  memorySize: number;
  invocations: number;
  errors: number;
  throttles: number;
  timeouts: number;
  coldStarts: number;
  inFlight: number;
  /** Sum of all durations, in milliseconds. */
  durationSum: number;
  /** Latest samples, in milliseconds. */
  init: number[];
  duration: number[];
  environments: EnvironmentSnapshot[];
  /** The last INIT failed. */
  initFailed: boolean;
}

export interface EventCounts {
  received: number;
  dropped: number;
  /** Being run or waiting for a retry. */
  size: number;
}

export interface RouterSnapshot {
  /** Of the router: one, or the supervisor and after it the router processes. Milliseconds since the epoch. */
  processes: { pid: number; startedAt: number }[];
  /** Of these processes together. */
  cpuSeconds: number;
  residentBytes: number;
  functions: FunctionSnapshot[];
  events: EventCounts;
}

/** @param host undefined where this process hosts no functions */
export function takeSnapshot(
  host?: FunctionHost,
  { received, dropped, size }: Pick<EventQueue, 'received' | 'dropped' | 'size'> = { received: 0, dropped: 0, size: 0 },
): RouterSnapshot {
  const { user, system } = process.cpuUsage();
  return {
    processes: [{ pid: process.pid, startedAt: Date.now() - process.uptime() * 1000 }],
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    functions: host ? [...host.pools.values()].map(functionSnapshot) : [],
    events: { received, dropped, size },
  };
}

function functionSnapshot({ configuration, statistics, environments, inFlight, initError }: Pool): FunctionSnapshot {
  const { name, routes, runtime, timeout, memorySize, maxConcurrency } = configuration;
  const { provisionedConcurrency, reservedConcurrentExecutions } = configuration;
  const { invocations, errors, throttles, timeouts, coldStarts, durationSum } = statistics;
  return {
    ...{ name, route: routes[0], runtime, timeout, memorySize },
    ...{ provisionedConcurrency, maxConcurrency, reservedConcurrentExecutions },
    ...{ invocations, errors, throttles, timeouts, coldStarts, inFlight, durationSum },
    init: statistics.init.latest(),
    duration: statistics.duration.latest(),
    environments: [...environments].map(({ id, pid, state, inFlight: inHand, startedAt, invocations: count }) => ({
      ...{ id, pid, state, inFlight: inHand, startedAt, invocations: count },
    })),
    initFailed: initError !== undefined,
  };
}
