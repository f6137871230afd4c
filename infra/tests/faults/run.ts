/** One run: clients and faults for a bounded time, then peace, then the check of everything that was recorded. */
import BetterSqlite3 from 'better-sqlite3';
import { anySeed } from '../support/random.ts';
import { until } from '../support/until.ts';
import { check } from './history/checker.ts';
import type { Operation, SeenUser, Violation } from './history/operation.ts';
import { HttpClient } from './http.ts';
import { KeySpace } from './keys.ts';
import { Reader } from './reader.ts';
import { Recorder } from './recorder.ts';
import { type Injected, injectFaults, type Schedule, schedulesOf } from './schedule.ts';
import { System, type SystemOptions } from './system.ts';
import { Writer } from './writer.ts';

export interface RunOptions extends SystemOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly writers?: number;
  readonly readers?: number;
  /** Milliseconds between two requests of a client, at most. */
  readonly pace?: number;
  /** The faults, if they are not to be the usual ones. */
  readonly schedules?: readonly Schedule[];
}

export interface Run {
  readonly seed: number;
  readonly operations: readonly Operation[];
  readonly injected: readonly Injected[];
  readonly violations: readonly Violation[];
  /** What went wrong besides: processes left over, a broken database. */
  readonly failures: readonly string[];
  /** Milliseconds from the end of the last fault to the first answer from the cache; undefined when none came. */
  readonly cacheBackAfter: number | undefined;
}

/** Of the time, without faults at the beginning, so that one knows what is usual. */
const calm = 0.1;

/** Milliseconds in which the cache has to be in use again once everything is well. */
const cachePatience = 10_000;

/** @returns FAULTS_SECONDS and FAULTS_SEED, or what they are when they are not set */
export function settings(seconds = 20): { seconds: number; seed: number } {
  return {
    seconds: Number(process.env.FAULTS_SECONDS || seconds),
    seed: Number(process.env.FAULTS_SEED || anySeed()),
  };
}

export async function runFaults(options: RunOptions): Promise<Run> {
  const { seed, seconds, writers = 4, readers = 8, pace = 8, schedules = schedulesOf(options.cache) } = options;
  const system = await System.start(options);
  const stopFaults = new AbortController();
  const stopClients = new AbortController();
  const started: Promise<unknown>[] = [];
  try {
    const recorder = new Recorder(system.up);
    const keys = new KeySpace(12);
    const common = { url: system.url, seed, recorder, keys, pace };
    const clients = [
      ...Array.from({ length: writers }, (_, index) => new Writer({ ...common, name: `writer${index + 1}` })),
      ...Array.from({ length: readers }, (_, index) => new Reader({ ...common, name: `reader${index + 1}` })),
    ].map((client) => client.run(stopClients.signal));
    const faults = wait(seconds * calm * 1000).then(() =>
      Promise.all(schedules.map((schedule) => injectFaults(system, seed, schedule, stopFaults.signal))),
    );
    started.push(faults, ...clients);

    await Promise.race([wait(seconds * 1000), ...clients]);
    stopFaults.abort();
    const injected = (await faults).flat();
    const cacheBackAfter = await cacheComesBack(recorder);
    await wait(500);
    stopClients.abort();
    await Promise.all(clients);
    await readEverything(system, recorder, keys);

    const code = await system.stopRouter();
    if (code !== 0) system.failures.push(`the router ended with ${code}`);
    for (const { function: name, message } of system.errors.filter(isUnexpected)) {
      system.failures.push(`${name ?? 'router'} logged: ${String(message)}`);
    }
    const operations = [...recorder.operations, readDatabase(system)];
    return { seed, operations, injected, violations: check(operations), failures: system.failures, cacheBackAfter };
  } finally {
    stopFaults.abort();
    stopClients.abort();
    await Promise.allSettled(started);
    await system.stop();
  }
}

/** @returns the milliseconds that it took */
async function cacheComesBack({ operations }: Recorder): Promise<number | undefined> {
  const healed = performance.now();
  let next = operations.length;
  try {
    return await until(
      'an answer from the cache',
      () => {
        while (next < operations.length) {
          const { cache, start, end } = operations[next++] as Operation;
          if (cache === 'hit' && start > healed) return end - healed;
        }
        return undefined;
      },
      { milliseconds: cachePatience },
    );
  } catch {
    return undefined;
  }
}

/** Every user that there ever was, twice, and the whole list: with nobody else about, all of it must be right. */
async function readEverything(system: System, recorder: Recorder, keys: KeySpace): Promise<void> {
  const http = new HttpClient(system.url);
  const query = { limit: 1000, sort: 'id', q: '', after: undefined };
  for (const client of ['last reader', 'last reader, again']) {
    for (let id = 1; id <= keys.highest; id++) {
      await recorder.user(http, client, { kind: 'get', id }, { method: 'GET', path: `/users/${id}` });
    }
    await recorder.list(http, client, query, { method: 'GET', path: '/users?limit=1000' });
  }
  http.close();
}

/** What is on disk, as a list that was read after everything else. */
function readDatabase({ databaseFile, failures }: System): Operation {
  const database = new BetterSqlite3(databaseFile, { readonly: true });
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') failures.push(`integrity_check: ${integrity}`);
    const columns = 'id, name, email, created_at AS createdAt, updated_at AS updatedAt, version';
    const users = database.prepare<[], SeenUser>(`SELECT ${columns} FROM users ORDER BY id`).all();
    const query = { limit: Number.POSITIVE_INFINITY, sort: 'id', q: '', after: undefined };
    const now = performance.now();
    const list = { query, users, total: users.length, next: null };
    return { kind: 'list', client: 'database', start: now, end: now, outcome: 'ok', status: undefined, list };
  } finally {
    database.close();
  }
}

/** Errors that no fault explains: what a function did not expect, and what ended it. */
function isUnexpected({ message }: { message: unknown }): boolean {
  return /unexpected error|uncaught|unhandled/i.test(String(message));
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
