/** The system under test: a router on a build, its database, and Redis behind a proxy. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../support/ports.ts';
import { FaultProxy } from '../support/proxy.ts';
import { RedisServer } from '../support/redis.ts';
import { type LogLine, type Router, startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';
import type { MemorySample } from './history/memory.ts';

/** A process of a function. */
export interface FunctionProcess {
  readonly name: string;
  readonly pid: number;
}

/** Which build and which cache a run tests. */
export interface SystemOptions {
  /** Folder of the functions' build, relative to the project's root. */
  readonly dist: string;
  /** Redis behind a proxy, or the embedded cache. */
  readonly cache: 'redis' | 'embedded';
}

/** Starts, stops and breaks the parts of the system. */
export class System {
  readonly folder = mkdtempSync(join(tmpdir(), 'cadastro-faults-'));
  /** The database has a folder of its own, so that a fault can move its files at once. */
  readonly databaseFile = join(this.folder, 'data/app.db');
  readonly #clockFile = join(this.folder, 'clock');
  /** Faults of the system that no history shows. */
  readonly failures: string[] = [];
  readonly redis: RedisServer | undefined;
  readonly proxy: FaultProxy | undefined;
  readonly #dist: string;
  readonly #port: number;
  readonly #statusPort: number;
  readonly #routers: Router[] = [];
  #up = Promise.withResolvers<void>();

  private constructor(dist: string, ports: readonly [number, number], redis?: RedisServer, proxy?: FaultProxy) {
    this.#dist = dist;
    [this.#port, this.#statusPort] = ports;
    this.redis = redis;
    this.proxy = proxy;
    mkdirSync(dirname(this.databaseFile));
    this.shiftClock(0);
  }

  static async start({ dist, cache }: SystemOptions): Promise<System> {
    const redis = cache === 'redis' ? await RedisServer.start() : undefined;
    const proxy = redis && (await FaultProxy.start(redis.port));
    const system = new System(dist, [await freePort(), await freePort()], redis, proxy);
    await system.startRouter();
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves at once while the router listens, and otherwise when it listens again. */
  readonly up = (): Promise<void> => this.#up.promise;

  /** The errors that the functions and the router have logged. */
  get errors(): LogLine[] {
    return this.#routers.flatMap(({ logs }) => logs.filter(({ level }) => level === 'ERROR' || level === 'FATAL'));
  }

  get routerPid(): number {
    return this.#routers.at(-1)?.process.pid ?? 0;
  }

  /** Lets `Date` of the router and of all functions be ahead. Nobody notices earlier than 20 ms later. */
  shiftClock(milliseconds: number): void {
    writeFileSync(this.#clockFile, String(milliseconds));
  }

  /** @returns the resident memory of router and functions; undefined where there is no /proc */
  async memory(): Promise<MemorySample | undefined> {
    if (!existsSync('/proc/self/status')) return undefined;
    const functions = (await this.processes()).map(({ pid }) => residentMb(pid));
    const router = residentMb(this.routerPid);
    return { router, all: functions.reduce((sum, one) => sum + one, router) };
  }

  /** Starts the router, on the same database and the same ports each time. */
  async startRouter(): Promise<void> {
    const env = {
      PORT: String(this.#port),
      STATUS_PORT: String(this.#statusPort),
      DATABASE_URL: `sqlite:${this.databaseFile}`,
      LOG_LEVEL: 'WARN',
      NODE_OPTIONS: `--require=${join(import.meta.dirname, 'clock.cjs')}`,
      FAULTS_CLOCK: this.#clockFile,
      ...(this.proxy && { REDIS_URL: `redis://127.0.0.1:${this.proxy.port}` }),
    };
    try {
      this.#routers.push(await startRouter({ dist: this.#dist, env, passed: ['NODE_OPTIONS', 'FAULTS_CLOCK'] }));
      this.#up.resolve();
    } catch (error) {
      // Without a router the run is over for every client that waits.
      this.#up.promise.catch(() => {});
      this.#up.reject(error);
      throw error;
    }
  }

  /** Kills the router alone. Its functions must notice that they are orphans, and end. */
  async killRouter(): Promise<void> {
    const orphans = await this.processes();
    this.#up = Promise.withResolvers();
    const router = this.#routers.at(-1);
    router?.process.kill('SIGKILL');
    await router?.stop();
    const gone = until('orphans end', () => orphans.every(({ pid }) => !isAlive(pid)));
    gone.catch(() => {
      const left = orphans.filter(({ pid }) => isAlive(pid));
      this.failures.push(`${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')} outlived the router`);
    });
  }

  /** @returns the function processes that run */
  async processes(): Promise<FunctionProcess[]> {
    const status = await this.#status();
    return status.functions.flatMap(({ name, environments }) =>
      environments.filter(({ state }) => state !== 'ended').map(({ pid }) => ({ name, pid })),
    );
  }

  /** Resolves when every function that is kept warm has a process that takes requests. */
  async recovered(): Promise<void> {
    await until('every function is active again', async () => {
      const { functions } = await this.#status();
      return functions.every(({ provisionedConcurrency, state }) => provisionedConcurrency === 0 || state === 'active');
    });
  }

  /** Sends the router SIGTERM, and records function processes that are left. @returns the exit code */
  async stopRouter(): Promise<number | null> {
    const processes = await this.processes();
    const code = (await this.#routers.at(-1)?.stop()) ?? null;
    const left = processes.filter(({ pid }) => isAlive(pid));
    if (left.length > 0) this.failures.push(`${left.map(({ name }) => name).join(', ')} outlived the router's end`);
    return code;
  }

  async stop(): Promise<void> {
    await this.#routers.at(-1)?.stop();
    await this.proxy?.stop();
    await this.redis?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Repeats the request when a fault kills the router during it. */
  #status(): Promise<{ functions: FunctionStatus[] }> {
    return until('the status of the router', async () => {
      await this.up();
      try {
        const response = await fetch(`http://127.0.0.1:${this.#statusPort}/status`);
        return (await response.json()) as { functions: FunctionStatus[] };
      } catch {
        return undefined;
      }
    });
  }
}

interface FunctionStatus {
  name: string;
  state: string;
  provisionedConcurrency: number;
  environments: { pid: number; state: string }[];
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

/** @returns false for a zombie too: its parent may not have collected it yet */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
