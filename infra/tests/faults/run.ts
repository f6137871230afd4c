/** Runs clients and faults for a bounded time, then clients alone, then reads everything and checks the history. */
import { anySeed } from '../support/random.ts';
import { until } from '../support/until.ts';
import { check } from './history/checker.ts';
import type { MemorySample } from './history/memory.ts';
import type { Operation, Violation } from './history/operation.ts';
import { HttpClient } from './http.ts';
import { KeySpace } from './keys.ts';
import { Reader } from './reader.ts';
import { Recorder } from './recorder.ts';
import { type Injected, injectFaults, type Schedule, schedulesOf } from './schedule.ts';
import { System, type SystemOptions } from './system.ts';
import { Writer } from './writer.ts';

/** The settings of a run. */
export interface RunOptions extends SystemOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly writers?: number;
  readonly readers?: number;
  /** The longest pause between two requests of a client. */
  readonly maxPauseMs?: number;
  /** The faults; all that fit the system if left out. */
  readonly schedules?: readonly Schedule[];
}

/** The records of a run. */
export interface Run {
  readonly seed: number;
  readonly operations: readonly Operation[];
  readonly injected: readonly Injected[];
  readonly violations: readonly Violation[];
  /** Faults of the system that no history shows: processes left over, a damaged database, unexpected log lines. */
  readonly failures: readonly string[];
  /** Time from the end of the last fault to the first cache hit; undefined if there was none. */
  readonly cacheBackAfterMs: number | undefined;
  /** One sample a second, on Linux. */
  readonly memory: readonly MemorySample[];
}

/** The share of a run without faults at its beginning, which shows the usual response times. */
const calmShare = 0.1;

/** @returns the settings FAULTS_SECONDS, FAULTS_SEED (without one, a random one), FAULTS_ROUTERS and FAULTS_ENGINE (without one, both) */
export function settings(seconds = 20) {
  const { FAULTS_SECONDS, FAULTS_SEED, FAULTS_ROUTERS, FAULTS_ENGINE } = process.env;
  return {
    seconds: Number(FAULTS_SECONDS || seconds),
    seed: Number(FAULTS_SEED || anySeed()),
    routers: Number(FAULTS_ROUTERS || 2),
    runsOn: (engine: 'sqlite' | 'postgres') => !FAULTS_ENGINE || FAULTS_ENGINE === engine,
  };
}

/**
 * Runs clients against a system while schedules inject faults into it.
 * @returns the history with its violations
 */
export async function runFaults(options: RunOptions): Promise<Run> {
  const { seed, seconds, writers = 4, readers = 8, maxPauseMs = 8, schedules = schedulesOf(options) } = options;
  const system = await System.start(options);
  const stopFaults = new AbortController();
  const stopClients = new AbortController();
  const started: Promise<unknown>[] = [];
  try {
    const recorder = new Recorder(system.up);
    const keys = new KeySpace(12);
    const common = { urls: system.urls, seed, recorder, keys, maxPauseMs };
    const clients = [
      ...Array.from({ length: writers }, (_, index) => new Writer({ ...common, name: `writer${index + 1}` })),
      ...Array.from({ length: readers }, (_, index) => new Reader({ ...common, name: `reader${index + 1}` })),
    ].map((client) => client.run(stopClients.signal));
    const faults = wait(seconds * calmShare * 1000).then(() =>
      Promise.all(schedules.map((schedule) => injectFaults(system, seed, schedule, stopFaults.signal))),
    );
    const memory = sampleMemory(system, stopClients.signal);
    started.push(faults, memory, ...clients);

    await Promise.race([wait(seconds * 1000), ...clients]);
    stopFaults.abort();
    const injected = (await faults).flat();
    const cacheBackAfterMs = await cacheComesBack(recorder);
    await wait(500);
    stopClients.abort();
    await Promise.all(clients);
    await readEverything(system, recorder, keys);

    await Promise.all(system.routers.map((router) => router.stop()));
    for (const { function: name, message } of system.errors.filter(isUnexpected)) {
      system.failures.push(`${name ?? 'router'} logged: ${String(message)}`);
    }
    const operations = [...recorder.operations, await readDatabase(system)];
    return {
      ...{ seed, operations, injected, violations: check(operations), failures: system.failures },
      ...{ cacheBackAfterMs, memory: await memory },
    };
  } finally {
    stopFaults.abort();
    stopClients.abort();
    await Promise.allSettled(started);
    await system.stop();
  }
}

async function sampleMemory(system: System, signal: AbortSignal): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  while (!signal.aborted) {
    const sample = await system.memory();
    if (sample) samples.push(sample);
    await wait(1000);
  }
  return samples;
}

/** Waits for a cache hit. @returns how long that took (ms); undefined if none comes */
async function cacheComesBack({ operations }: Recorder): Promise<number | undefined> {
  const healedAt = performance.now();
  let next = operations.length;
  try {
    return await until('a cache hit', () => {
      while (next < operations.length) {
        const { cache, start, end } = operations[next++] as Operation;
        if (cache === 'hit' && start > healedAt) return end - healedAt;
      }
      return undefined;
    });
  } catch {
    return undefined;
  }
}

/** Reads every user that ever existed and the whole list, twice. Without faults and writers, every read must be right. */
async function readEverything(system: System, recorder: Recorder, keys: KeySpace): Promise<void> {
  const http = new HttpClient(system.urls);
  const query = { limit: 1000, sort: 'id', q: '', after: undefined };
  for (const client of ['last reader', 'last reader, again']) {
    for (let id = 1; id <= keys.highest; id++) {
      await recorder.user(http, client, { kind: 'get', id }, { method: 'GET', path: `/users/${id}` });
    }
    await recorder.list(http, client, query, { method: 'GET', path: '/users?limit=1000' });
  }
  http.close();
}

/** Reads the database itself, as a list that the client `database` read after everything else. */
async function readDatabase({ database }: System): Promise<Operation> {
  const users = await database.users();
  const query = { limit: Number.POSITIVE_INFINITY, sort: 'id', q: '', after: undefined };
  const now = performance.now();
  const list = { query, users, total: users.length, next: null };
  return { kind: 'list', client: 'database', start: now, end: now, outcome: 'ok', status: undefined, list };
}

/** Whether a logged error is one that no fault explains. */
function isUnexpected({ message }: { message: unknown }): boolean {
  return /unexpected error|uncaught|unhandled/i.test(String(message));
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
