/** The system under test: routers on a build, their database, and Redis behind a proxy. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultProxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis.ts';
import { replicable } from '../support/redis-groups.ts';
import type { LogLine } from '../support/router.ts';
import { type FaultDatabase, PostgresDatabase, SqliteFile } from './fault-database.ts';
import type { MemorySample } from './history/memory.ts';
import { type FunctionProcess, RouterSlot } from './router-slot.ts';

/** The parts that a run tests. */
export interface SystemOptions {
  /** Folder of the functions' build, relative to the project's root. */
  readonly dist: string;
  /** Redis behind a proxy, or the embedded cache. */
  readonly cache: 'redis' | 'embedded';
  /** The database; SQLite if left out. */
  readonly engine?: 'sqlite' | 'postgres';
  /** How many routers share the database and the cache; 1 if left out. */
  readonly routers?: number;
  /** Further options of redis-server. */
  readonly redisOptions?: readonly string[];
}

interface Parts {
  readonly folder: string;
  readonly database: FaultDatabase;
  readonly redis: RedisServer | undefined;
  readonly proxy: FaultProxy | undefined;
}

/** Starts, stops and breaks the parts of the system. */
export class System {
  readonly folder: string;
  readonly database: FaultDatabase;
  readonly redis: RedisServer | undefined;
  /** The network before Redis. */
  readonly proxy: FaultProxy | undefined;
  readonly routers: RouterSlot[] = [];
  /** Faults of the system that no history shows. */
  readonly failures: string[] = [];
  #otherRedis: Promise<RedisServer> | undefined;

  private constructor({ folder, database, redis, proxy }: Parts) {
    this.folder = folder;
    this.database = database;
    this.redis = redis;
    this.proxy = proxy;
    this.shiftClock(0);
  }

  static async start({ dist, cache, engine, routers = 1, redisOptions = [] }: SystemOptions): Promise<System> {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-faults-'));
    const redis = cache === 'redis' ? await RedisServer.start([...replicable, ...redisOptions]) : undefined;
    const proxy = redis && (await FaultProxy.start(redis.port));
    const database =
      engine === 'postgres' ? await PostgresDatabase.start() : new SqliteFile(join(folder, 'data/app.db'));
    const system = new System({ folder, database, redis, proxy });
    try {
      for (let count = 0; count < routers; count++) await system.addRouter(dist);
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  /** Starts a further router on the same database and the same cache. */
  async addRouter(dist = 'dist'): Promise<RouterSlot> {
    const env = {
      DATABASE_URL: this.database.url,
      LOG_LEVEL: 'WARN',
      NODE_OPTIONS: `--require=${join(import.meta.dirname, 'clock.cjs')}`,
      FAULTS_CLOCK: this.#clockFile,
      ...(this.proxy && { REDIS_URL: `redis://127.0.0.1:${this.proxy.port}` }),
    };
    const passed = ['NODE_OPTIONS', 'FAULTS_CLOCK'];
    const router = await RouterSlot.create({ dist, env, passed, failures: this.failures });
    this.routers.push(router);
    await router.start();
    return router;
  }

  get urls(): string[] {
    return this.routers.map(({ url }) => url);
  }

  /** Resolves as soon as a router listens. */
  readonly up = (): Promise<void> => Promise.any(this.routers.map((router) => router.up()));

  /** The errors that the functions and the routers have logged. */
  get errors(): LogLine[] {
    const logs = this.routers.flatMap((router) => router.logs);
    return logs.filter(({ level }) => level === 'ERROR' || level === 'FATAL');
  }

  /** Lets `Date` of the routers and of all functions be ahead. Nobody notices earlier than 20 ms later. */
  shiftClock(milliseconds: number): void {
    writeFileSync(this.#clockFile, String(milliseconds));
  }

  /** @returns the resident memory of routers and functions; undefined where there is no /proc */
  async memory(): Promise<MemorySample | undefined> {
    if (!existsSync('/proc/self/status')) return undefined;
    const functions = (await this.processes()).map(({ pid }) => residentMb(pid));
    const router = sum(this.routers.map(({ pid }) => residentMb(pid)));
    return { router, all: router + sum(functions) };
  }

  /** @returns the function processes that run; those of a router that a fault keeps down are left out */
  async processes(): Promise<FunctionProcess[]> {
    const up = this.routers.filter(({ isUp }) => isUp);
    const asked = up.length > 0 ? up : this.routers;
    return (await Promise.all(asked.map((router) => router.processes()))).flat();
  }

  /** Resolves when every function that is kept warm has a process that takes requests. */
  async recovered(): Promise<void> {
    await Promise.all(this.routers.map((router) => router.recovered()));
  }

  /** @returns a second Redis, which is no part of the system until a fault makes one the replica of the other */
  otherRedis(): Promise<RedisServer> {
    this.#otherRedis ??= RedisServer.start(replicable);
    return this.#otherRedis;
  }

  async stop(): Promise<void> {
    await Promise.all(this.routers.map((router) => router.end()));
    await this.proxy?.stop();
    await this.redis?.stop();
    await (await this.#otherRedis)?.stop();
    await this.database.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #clockFile(): string {
    return join(this.folder, 'clock');
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** @returns 0 for a process that has ended */
function residentMb(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
