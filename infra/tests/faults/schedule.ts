/** Injects faults one after the other, at times and of kinds that the seed decides. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Random, randomStream } from '../support/random.ts';
import type { Fault, Pause } from './faults.ts';
import type { System } from './system.ts';

export type FaultTarget = 'cache' | 'process';

/** A fault that was injected, on the clock of the run. */
export interface Injected {
  readonly name: string;
  readonly target: FaultTarget;
  readonly start: number;
  /** Everything was put right again. */
  readonly end: number;
}

export interface ScheduleOptions {
  readonly seed: number;
  /** Of the stream: several run at once. */
  readonly name: string;
  readonly target: FaultTarget;
  readonly faults: Readonly<Record<string, Fault>>;
  readonly weights: Readonly<Record<string, number>>;
  /** Milliseconds of rest between two faults, at least and at most. */
  readonly rest: readonly [number, number];
}

/** Runs until it is told to stop. @returns what it did */
export async function injectFaults(system: System, options: ScheduleOptions, signal: AbortSignal): Promise<Injected[]> {
  const random = randomStream(options.seed, options.name);
  const pause: Pause = (milliseconds) => wait(milliseconds, undefined, { signal }).catch(() => {});
  const injected: Injected[] = [];
  await pause(random.integer(...options.rest));
  while (!signal.aborted) {
    const name = chooseFault(options, random);
    const start = performance.now();
    try {
      await options.faults[name]?.(system, random, pause);
    } catch (error) {
      system.failures.push(`${name}: ${(error as Error).message}`);
    }
    injected.push({ name, target: options.target, start, end: performance.now() });
    await pause(random.integer(...options.rest));
  }
  return injected;
}

/** A fault without a weight of its own has 1. */
function chooseFault({ faults, weights }: ScheduleOptions, random: Random): string {
  return random.weighted(Object.fromEntries(Object.keys(faults).map((name) => [name, weights[name] ?? 1])));
}
