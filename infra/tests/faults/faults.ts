/** The faults that a run injects. Each one breaks a part, waits, and repairs the part. */
import { existsSync, rmSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import type { Random } from '../support/random.ts';
import { promote, replicate } from '../support/redis-groups.ts';
import { until } from '../support/until.ts';
import { SqliteFile } from './fault-database.ts';
import type { System } from './system.ts';

/** Waits; resolves early when the run is over. */
export type Pause = (milliseconds: number) => Promise<void>;

/** Injects one fault. Resolves when the fault is undone. */
export type Fault = (system: System, random: Random, pause: Pause) => Promise<void>;

/** @returns the SQLite file of the system @throws Error when it has another database */
export function fileOf({ database }: System): string {
  if (!(database instanceof SqliteFile)) throw new Error('The system runs without SQLite');
  return database.file;
}

/** Picks a process of a function that the clients use. */
async function anyFunction(system: System, random: Random) {
  const processes = (await system.processes()).filter(({ name }) => /user/.test(name));
  return processes.length === 0 ? undefined : random.pick(processes);
}

/** Waits until a function tells Redis that a write begins or ends, and holds that message back. */
async function catchWriter(system: System, random: Random, pause: Pause) {
  const pids = await writersOf(system);
  const held = holdWrite(system, random);
  if (held) await Promise.race([held.caught, pause(500)]);
  return { pids, release: () => held?.release() };
}

async function writersOf(system: System): Promise<number[]> {
  const processes = await system.processes();
  return processes.filter(({ name }) => /^(create|replace|update|delete)-user$/.test(name)).map(({ pid }) => pid);
}

/** Holds the next message about a write, or the one after it: one of the two begins a write, and the other ends it. */
function holdWrite({ proxy }: System, random: Random) {
  let skipped = random.integer(0, 1);
  return proxy?.holdNext('requests', (chunk) => isWrite(chunk) && skipped-- === 0);
}

/** Recognizes messages about writes: they alone name the key of the writes before the key of the list. */
function isWrite(chunk: Buffer): boolean {
  const writes = chunk.indexOf('users_writes');
  return writes >= 0 && chunk.indexOf('users_list', writes) > writes;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended by itself in the meantime.
  }
}

/** Holds the write lock of a SQLite file. */
async function lock(file: string, milliseconds: number, pause: Pause): Promise<void> {
  const database = new BetterSqlite3(file, { fileMustExist: true, timeout: 0 });
  try {
    await until(`the lock of ${file}`, () => {
      try {
        return database.exec('BEGIN IMMEDIATE');
      } catch {
        return false;
      }
    });
    await pause(milliseconds);
  } finally {
    database.close();
  }
}

/** Kills or stops processes. */
export const processFaults = {
  'function killed': async (system, random) => {
    const victim = await anyFunction(system, random);
    if (victim) signal(victim.pid, 'SIGKILL');
    await system.recovered();
  },
  'function paused': async (system, random, pause) => {
    const victim = await anyFunction(system, random);
    if (victim === undefined) return;
    signal(victim.pid, 'SIGSTOP');
    // The longest pause exceeds the lifetime of a lease and the time after which a write counts as abandoned.
    await pause(random.pick([20, 20, 60, 60, 150, 150, 400, 400, 1200, 2500, 5500]));
    signal(victim.pid, 'SIGCONT');
  },
  'router killed': async (system, random, pause) => {
    const router = random.pick(system.routers);
    await router.kill();
    await pause(random.integer(0, 200));
    await router.start();
    await router.recovered();
  },
} satisfies Record<string, Fault>;

/** Takes one of several routers away while the others serve. */
export const routerFaults = {
  'router stopped': async (system, random, pause) => {
    const router = random.pick(system.routers);
    await router.stop();
    await pause(random.pick([0, 200, 1000]));
    await router.start();
    await router.recovered();
  },
} satisfies Record<string, Fault>;

/** Kills or stops functions between the steps of a write. */
export const writerFaults = {
  'writers killed in mid write': async (system, random, pause) => {
    const { pids, release } = await catchWriter(system, random, pause);
    for (const pid of pids) signal(pid, 'SIGKILL');
    release();
    await system.recovered();
  },
  'writers paused in mid write': async (system, random, pause) => {
    const { pids, release } = await catchWriter(system, random, pause);
    for (const pid of pids) signal(pid, 'SIGSTOP');
    release();
    await pause(random.pick([60, 200, 200, 900, 900, 5500]));
    for (const pid of pids) signal(pid, 'SIGCONT');
  },
} satisfies Record<string, Fault>;

/** Keeps writers from a SQLite file. */
export const sqliteFaults = {
  'database locked': (system, random, pause) => lock(fileOf(system), random.pick([10, 50, 200, 500]), pause),
} satisfies Record<string, Fault>;

/** Damages the embedded cache, which is a file beside the database. */
export const embeddedFaults = {
  'cache locked': async (system, random, pause) => {
    const file = `${fileOf(system)}-cache`;
    // After 'cache removed', the next process that starts creates the file again; running processes keep the unlinked one.
    if (existsSync(file)) await lock(file, random.pick([5, 15, 60, 300]), pause);
  },
  'cache removed': async (system) => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${fileOf(system)}-cache${suffix}`, { force: true });
  },
} satisfies Record<string, Fault>;

/** Kills, stops, empties or fills Redis. */
export const redisFaults = {
  'Redis killed, back empty': async ({ redis }, random, pause) => {
    await redis?.kill();
    await pause(random.pick([0, 100, 600]));
    await redis?.start();
  },
  'Redis killed, back with an old snapshot': async ({ redis }, random, pause) => {
    await redis?.keepSnapshot();
    await pause(random.integer(50, 700));
    await redis?.kill();
    await pause(random.pick([0, 0, 0, 300]));
    await redis?.start(true);
  },
  'Redis replaced by an old one in a quiet moment': async (system, random, pause) => {
    const { redis } = system;
    await redis?.keepSnapshot();
    await pause(random.integer(50, 400));
    // Without a write, no function has a reason to notice that Redis was replaced.
    const writers = await writersOf(system);
    for (const pid of writers) signal(pid, 'SIGSTOP');
    await redis?.kill();
    await redis?.start(true);
    await pause(200);
    for (const pid of writers) signal(pid, 'SIGCONT');
  },
  'Redis paused': async ({ redis }, random, pause) => {
    redis?.pause();
    await pause(random.pick([20, 60, 150, 500, 1500]));
    redis?.resume();
  },
  'Redis flushed': async ({ redis }) => {
    await redis?.command('FLUSHALL');
  },
  'Redis full': async ({ redis }, random, pause) => {
    await redis?.command('CONFIG', 'SET', 'maxmemory', '1');
    await pause(random.integer(50, 600));
    await redis?.command('CONFIG', 'SET', 'maxmemory', '0');
  },
  'Redis evicts values': async ({ redis }, random, pause) => {
    const used = /used_memory:(\d+)/.exec((await redis?.command('INFO', 'memory')) ?? '')?.[1] ?? '1';
    await redis?.command('CONFIG', 'SET', 'maxmemory-policy', 'volatile-random', 'maxmemory', used);
    await pause(random.integer(50, 1500));
    await redis?.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
  },
  // The same connection then answers old values under the same run_id.
  'Redis demoted and promoted': async (system, random, pause) => {
    const { redis } = system;
    const other = await system.otherRedis();
    if (redis === undefined) return;
    await replicate(other, redis);
    await promote(other);
    await pause(random.integer(50, 700));
    await replicate(redis, other);
    await pause(random.pick([0, 0, 100]));
    await promote(redis);
  },
} satisfies Record<string, Fault>;

/** Delays, cuts or refuses connections to Redis. */
export const networkFaults = {
  'one request held': async ({ proxy }, random, pause) => {
    const held = proxy?.holdNext('requests');
    await pause(random.pick([10, 30, 60, 300]));
    held?.release();
  },
  'one reply held': async ({ proxy }, random, pause) => {
    const held = proxy?.holdNext('replies');
    await pause(random.pick([10, 30, 60, 300]));
    held?.release();
  },
  'one fill held': async ({ proxy }, random, pause) => {
    // Only a fill contains the fields of a user; other commands contain its key.
    const held = proxy?.holdNext('requests', (chunk) => chunk.includes('"email"'));
    if (held) await Promise.race([held.caught, pause(500)]);
    await pause(random.pick([10, 30, 80]));
    held?.release();
  },
  'one write held': async (system, random, pause) => {
    const held = holdWrite(system, random);
    if (held) await Promise.race([held.caught, pause(500)]);
    await pause(random.pick([20, 60, 150, 300]));
    held?.release();
  },
  'all requests held': async ({ proxy }, random, pause) => {
    const release = proxy?.holdAll('requests');
    await pause(random.pick([10, 80, 300, 900]));
    release?.();
  },
  'all replies held': async ({ proxy }, random, pause) => {
    const release = proxy?.holdAll('replies');
    await pause(random.pick([10, 80, 300, 900]));
    release?.();
  },
  'connections cut': async ({ proxy }) => {
    proxy?.cut();
  },
  'connections cut, requests delivered late': async ({ proxy }, random, pause) => {
    const release = proxy?.holdAll('requests');
    await pause(random.integer(5, 60));
    proxy?.cutClients();
    await pause(random.pick([50, 200, 700]));
    release?.();
  },
  'connections refused': async ({ proxy }, random, pause) => {
    proxy?.refuse(true);
    proxy?.cut();
    await pause(random.integer(50, 600));
    proxy?.refuse(false);
  },
} satisfies Record<string, Fault>;
