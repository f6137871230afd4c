/** The sum of several processes' snapshots. */
import type { FunctionSnapshot, RouterSnapshot } from './snapshot.ts';

/** Adds counts up, and puts lists and samples together, from which the quantiles of all are taken. */
export function merge(snapshots: RouterSnapshot[]): RouterSnapshot {
  const functions = new Map<string, FunctionSnapshot>();
  for (const one of snapshots.flatMap((snapshot) => snapshot.functions)) {
    const others = functions.get(one.name);
    functions.set(one.name, others ? mergeFunction(others, one) : one);
  }
  const sum = (value: (snapshot: RouterSnapshot) => number) =>
    snapshots.reduce((total, snapshot) => total + value(snapshot), 0);
  return {
    processes: snapshots.flatMap(({ processes }) => processes),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
    residentBytes: sum(({ residentBytes }) => residentBytes),
    functions: [...functions.values()],
    events: {
      received: sum(({ events }) => events.received),
      dropped: sum(({ events }) => events.dropped),
      size: sum(({ events }) => events.size),
    },
  };
}

/**
 * What stays true of a process that has ended: what it has counted. Without it a sum would fall when a process ends, and
 * a counter that falls is taken for one that has started again.
 */
export function ended({ cpuSeconds, functions, events }: RouterSnapshot): RouterSnapshot {
  return {
    processes: [],
    cpuSeconds,
    residentBytes: 0,
    functions: functions.map((one) => ({
      ...one,
      ...{ inFlight: 0, init: [], duration: [], environments: [], initFailed: false },
    })),
    events: { ...events, size: 0 },
  };
}

/** Configurations differ only for as long as a reload takes: those of the first. */
function mergeFunction(one: FunctionSnapshot, other: FunctionSnapshot): FunctionSnapshot {
  return {
    ...one,
    invocations: one.invocations + other.invocations,
    errors: one.errors + other.errors,
    throttles: one.throttles + other.throttles,
    timeouts: one.timeouts + other.timeouts,
    coldStarts: one.coldStarts + other.coldStarts,
    inFlight: one.inFlight + other.inFlight,
    durationSum: one.durationSum + other.durationSum,
    init: [...one.init, ...other.init],
    duration: [...one.duration, ...other.duration],
    environments: [...one.environments, ...other.environments],
    initFailed: one.initFailed || other.initFailed,
  };
}
