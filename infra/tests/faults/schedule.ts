/** Injects faults one after the other. The seed decides which ones and when. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Random, randomStream } from '../support/random.ts';
import {
  embeddedFaults,
  type Fault,
  networkFaults,
  type Pause,
  processFaults,
  redisFaults,
  routerFaults,
  sqliteFaults,
  writerFaults,
} from './faults.ts';
import { machineFaults } from './machine-faults.ts';
import { postgresFaults } from './postgres-faults.ts';
import type { System, SystemOptions } from './system.ts';

/** The part of the system that a fault hits. Requests may fail while a process is in trouble, but not while the cache is. */
export type FaultTarget = 'cache' | 'process';

/** A fault that was injected. Times are on the clock of the run (ms). */
export interface Injected {
  readonly name: string;
  readonly target: FaultTarget;
  readonly start: number;
  /** When the fault was undone. */
  readonly end: number;
}

/** A sequence of faults. Several schedules run at the same time. */
export interface Schedule {
  readonly name: string;
  readonly target: FaultTarget;
  readonly faults: Readonly<Record<string, Fault>>;
  /** How often each fault comes in relation to the others; 1 if left out. */
  readonly weights?: Readonly<Record<string, number>>;
  /** The shortest and the longest pause between two faults. */
  readonly restMs: readonly [number, number];
}

/** Delays fills, which is what makes the classic bug show. */
export const fillsLate: Schedule = {
  name: 'late fills',
  target: 'cache',
  faults: { 'one fill held': networkFaults['one fill held'] },
  restMs: [10, 60],
};

/** @returns the schedules of all faults that such a system can have */
export function schedulesOf({ cache, engine, routers = 1 }: SystemOptions): Schedule[] {
  const withRedis = cache === 'redis';
  const processes: Schedule = {
    ...{ name: 'processes', target: 'process', restMs: [400, 2000] },
    faults: { ...processFaults, ...(withRedis && writerFaults), ...(routers > 1 && routerFaults) },
    weights: { 'function killed': 4, 'function paused': 6, 'router killed': 1, 'writers killed in mid write': 3 },
  };
  const faults = engine === 'postgres' ? postgresFaults : sqliteFaults;
  const database: Schedule = { name: 'database', target: 'process', faults, restMs: [1500, 5000] };
  const embedded: Schedule = {
    ...{ name: 'cache', target: 'cache', faults: embeddedFaults, restMs: [300, 1500] },
    weights: { 'cache locked': 4 },
  };
  const redis: Schedule = {
    ...{ name: 'Redis', target: 'cache', faults: redisFaults, restMs: [600, 3000] },
    weights: { 'Redis replaced by an old one in a quiet moment': 3 },
  };
  const network: Schedule = {
    ...{ name: 'network', target: 'cache', faults: networkFaults, restMs: [200, 1200] },
    weights: { 'one fill held': 5, 'one write held': 5, 'one request held': 2, 'one reply held': 2 },
  };
  return [processes, database, ...(withRedis ? [redis, network] : [embedded])];
}

/**
 * @param seconds of the run; a short run gets every fault, too
 * @returns the schedules of a soak: every part of the machine fails again and again, some of them at the same time
 */
export function soakSchedules(seconds: number): Schedule[] {
  const every = (name: string, target: FaultTarget, fault: Fault, restSeconds: number): Schedule => {
    const restMs = Math.min(restSeconds, seconds / 5) * 1000;
    return { name, target, faults: { [name]: fault }, restMs: [restMs, restMs] };
  };
  const onMachine = (name: keyof typeof machineFaults, restSeconds: number) =>
    every(name, 'process', machineFaults[name], restSeconds);
  return [
    every('function killed', 'process', processFaults['function killed'], 1),
    every('Redis killed, back empty', 'cache', redisFaults['Redis killed, back empty'], 20),
    onMachine('no file can be written', 15),
    onMachine('file descriptors exhausted', 17),
    onMachine('clock jumps', 7),
    onMachine('database moved away', 23),
  ];
}

/** Injects the faults of a schedule until the signal aborts. @returns the injected faults */
export async function injectFaults(
  system: System,
  seed: number,
  schedule: Schedule,
  signal: AbortSignal,
): Promise<Injected[]> {
  const random = randomStream(seed, `${schedule.name} faults`);
  const pause: Pause = (milliseconds) => wait(milliseconds, undefined, { signal }).catch(() => {});
  const injected: Injected[] = [];
  await pause(random.integer(...schedule.restMs));
  while (!signal.aborted) {
    const name = chooseFault(schedule, random);
    const start = performance.now();
    try {
      await schedule.faults[name]?.(system, random, pause);
    } catch (error) {
      system.failures.push(`${name}: ${(error as Error).message}`);
    }
    injected.push({ name, target: schedule.target, start, end: performance.now() });
    await pause(random.integer(...schedule.restMs));
  }
  return injected;
}

function chooseFault({ faults, weights }: Schedule, random: Random): string {
  return random.weighted(Object.fromEntries(Object.keys(faults).map((name) => [name, weights?.[name] ?? 1])));
}
