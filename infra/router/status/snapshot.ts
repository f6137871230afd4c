/** Counts and current state of a router and its functions, as plain data that router processes send to each other. */
import AggregatorRegistry from 'prom-client/lib/cluster.js';
import type Registry from 'prom-client/lib/registry.js';
import type { FunctionConfiguration } from '../manifest.ts';
import type { Environment } from '../runtime/environment.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Pool } from '../runtime/pool.ts';

/** prom-client's own form of all metrics of a registry. */
export type Metrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** One process of a function, as /status shows it. */
export interface EnvironmentSnapshot {
  id: string;
  pid: number | undefined;
  state: 'starting' | 'idle' | 'busy' | 'ending' | 'ended';
  /** Invocations at this moment. */
  inFlight: number;
  /** ISO 8601. */
  startedAt: string;
  invocations: number;
}

/** One function's settings and environments. Its counts are in the metrics. */
export interface FunctionSnapshot {
  configuration: FunctionConfiguration;
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
  return {
    configuration,
    inFlight,
    init: statistics.init.all(),
    duration: statistics.duration.all(),
    environments: [...environments].map(environmentSnapshot),
    initFailed: initError !== undefined,
  };
}

function environmentSnapshot({ id, pid, state, inFlight, startedAt, invocations }: Environment): EnvironmentSnapshot {
  return {
    ...{ id, pid, inFlight, invocations, startedAt: new Date(startedAt).toISOString() },
    state: state !== 'ready' ? state : inFlight > 0 ? 'busy' : 'idle',
  };
}

/** @returns one snapshot for several router processes: metrics are aggregated, lists are joined */
export async function mergeSnapshots(snapshots: RouterSnapshot[]): Promise<RouterSnapshot> {
  const functions = new Map<string, FunctionSnapshot>();
  for (const one of snapshots.flatMap((snapshot) => snapshot.functions)) {
    const others = functions.get(one.configuration.name);
    functions.set(one.configuration.name, others ? mergeFunction(others, one) : one);
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
 * Reduces the snapshot of a process that has ended to its counts. Without these counts the sums would fall. Prometheus
 * takes a falling counter for one that has restarted at 0, and would count everything again.
 */
export function endedSnapshot({ metrics }: RouterSnapshot): RouterSnapshot {
  const counts = metrics
    .filter(({ type }) => (type as unknown) !== 'gauge')
    .map((metric) => ({ ...metric, values: metric.values.filter(({ labels }) => !('environment' in labels)) }));
  return { processes: [], functions: [], metrics: counts };
}
