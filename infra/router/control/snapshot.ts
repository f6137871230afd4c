/** What a router and its functions have done and are doing, as plain data that router processes send to each other. */
import AggregatorRegistry from 'prom-client/lib/cluster.js';
import type Registry from 'prom-client/lib/registry.js';
import type { RuntimeName } from '../config.ts';
import type { State } from '../runtime/environment.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Pool } from '../runtime/pool.ts';

/** prom-client's own form of all metrics of a registry. */
export type Metrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** One process of a function. */
export interface EnvironmentSnapshot {
  id: string;
  pid: number | undefined;
  state: State;
  /** Invocations at this moment. */
  inFlight: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  invocations: number;
}

/** One function's settings and environments. Its counts are in the metrics. */
export interface FunctionSnapshot {
  name: string;
  route: string | undefined;
  runtime: RuntimeName | undefined;
  provisionedConcurrency: number;
  maxConcurrency: number;
  reservedConcurrentExecutions: number;
  /** Seconds. */
  timeout: number;
  /** MB. */
  memorySize: number;
  /** Invocations at this moment, waiting ones included. */
  inFlight: number;
  /** The latest samples (ms). */
  init: number[];
  duration: number[];
  environments: EnvironmentSnapshot[];
  /** The last INIT failed. */
  initFailed: boolean;
}

/** One router process, or several that were merged. */
export interface RouterSnapshot {
  /** The router, or the supervisor and then its router processes. `startedAt` is in milliseconds since the epoch. */
  processes: { pid: number; startedAt: number }[];
  functions: FunctionSnapshot[];
  metrics: Metrics;
}

/** @returns the snapshot of this process */
export async function takeSnapshot(host: FunctionHost, registry: Registry): Promise<RouterSnapshot> {
  return {
    processes: [{ pid: process.pid, startedAt: Date.now() - process.uptime() * 1000 }],
    functions: [...host.pools.values()].map(functionSnapshot),
    metrics: await registry.getMetricsAsJSON(),
  };
}

function functionSnapshot({ configuration, statistics, environments, inFlight, initError }: Pool): FunctionSnapshot {
  const { name, routes, runtime, timeout, memorySize, maxConcurrency } = configuration;
  const { provisionedConcurrency, reservedConcurrentExecutions } = configuration;
  return {
    ...{ name, route: routes[0], runtime, timeout, memorySize, inFlight },
    ...{ provisionedConcurrency, maxConcurrency, reservedConcurrentExecutions },
    init: statistics.init.all(),
    duration: statistics.duration.all(),
    environments: [...environments].map((one) => ({
      ...{ id: one.id, pid: one.pid, state: one.state, inFlight: one.inFlight },
      ...{ startedAt: one.startedAt, invocations: one.invocations },
    })),
    initFailed: initError !== undefined,
  };
}

/** @returns one snapshot for several router processes: metrics are aggregated, lists are joined */
export async function mergeSnapshots(snapshots: RouterSnapshot[]): Promise<RouterSnapshot> {
  const functions = new Map<string, FunctionSnapshot>();
  for (const one of snapshots.flatMap((snapshot) => snapshot.functions)) {
    const others = functions.get(one.name);
    functions.set(one.name, others ? mergeFunction(others, one) : one);
  }
  return {
    processes: snapshots.flatMap(({ processes }) => processes),
    functions: [...functions.values()],
    metrics: await AggregatorRegistry.aggregate(snapshots.map(({ metrics }) => metrics)).getMetricsAsJSON(),
  };
}

/** Settings differ between processes only while a reload is under way: those of the first process count. */
function mergeFunction(one: FunctionSnapshot, other: FunctionSnapshot): FunctionSnapshot {
  return {
    ...one,
    inFlight: one.inFlight + other.inFlight,
    init: [...one.init, ...other.init],
    duration: [...one.duration, ...other.duration],
    environments: [...one.environments, ...other.environments],
    initFailed: one.initFailed || other.initFailed,
  };
}

/**
 * Keeps of a process that has ended what stays true: its counts. Without them the sums would fall, and Prometheus takes a
 * counter that falls for one that began anew, and so counts everything again.
 */
export function endedSnapshot({ metrics }: RouterSnapshot): RouterSnapshot {
  const counts = metrics
    .filter(({ type }) => (type as unknown) !== 'gauge')
    .map((metric) => ({ ...metric, values: metric.values.filter(({ labels }) => !('environment' in labels)) }));
  return { processes: [], functions: [], metrics: counts };
}
