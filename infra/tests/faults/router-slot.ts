/** One router of the system under test. It starts on the same ports each time, and faults kill and stop it. */
import { existsSync, readFileSync } from 'node:fs';
import { freePort } from '../support/ports.ts';
import { type LogLine, type Router, startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';

/** A process of a function. */
export interface FunctionProcess {
  readonly name: string;
  readonly pid: number;
}

/** The settings that a router has at each of its starts. */
export interface SlotOptions {
  /** Folder of the functions' build, relative to the project's root. */
  readonly dist: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables of `env` that the functions get, too. */
  readonly passed: string[];
  /** Receives what a router leaves behind, which no history shows. */
  readonly failures: string[];
}

/** Starts, kills and stops one router. */
export class RouterSlot {
  readonly #options: SlotOptions;
  readonly #port: number;
  readonly #statusPort: number;
  readonly #routers: Router[] = [];
  #up = Promise.withResolvers<void>();
  #isUp = false;

  private constructor(options: SlotOptions, port: number, statusPort: number) {
    this.#options = options;
    this.#port = port;
    this.#statusPort = statusPort;
  }

  static async create(options: SlotOptions): Promise<RouterSlot> {
    return new RouterSlot(options, await freePort(), await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get pid(): number {
    return this.#routers.at(-1)?.process.pid ?? 0;
  }

  /** Every line that the router has logged, over all its starts. */
  get logs(): LogLine[] {
    return this.#routers.flatMap(({ logs }) => logs);
  }

  /** Resolves at once while the router listens, and otherwise when it listens again. */
  readonly up = (): Promise<void> => this.#up.promise;

  async start(): Promise<void> {
    const { dist, env, passed } = this.#options;
    const ports = { PORT: String(this.#port), STATUS_PORT: String(this.#statusPort) };
    try {
      this.#routers.push(await startRouter({ dist, env: { ...env, ...ports }, passed }));
      this.#isUp = true;
      this.#up.resolve();
    } catch (error) {
      // Without a router the run is over for every client that waits.
      this.#up.promise.catch(() => {});
      this.#up.reject(error);
      throw error;
    }
  }

  /** Kills the router alone. Its functions must notice that they are orphans, and end. */
  async kill(): Promise<void> {
    const orphans = await this.processes();
    this.#markDown();
    const router = this.#routers.at(-1);
    router?.process.kill('SIGKILL');
    await router?.stop();
    const gone = until('orphans end', () => orphans.every(({ pid }) => !isAlive(pid)));
    gone.catch(() => this.#reportLeft(orphans, 'outlived the router'));
  }

  /** Sends the router SIGTERM, and reports an exit code other than 0 and function processes that are left. */
  async stop(): Promise<void> {
    const processes = await this.processes();
    this.#markDown();
    const code = await this.#routers.at(-1)?.stop();
    if (code !== 0) this.#options.failures.push(`a router ended with ${code}`);
    this.#reportLeft(processes, "outlived the router's end");
  }

  /** Ends the router without a look at what it leaves. */
  async end(): Promise<void> {
    await this.#routers.at(-1)?.stop();
  }

  /** @returns the function processes that run */
  async processes(): Promise<FunctionProcess[]> {
    const { functions } = await this.#status();
    return functions.flatMap(({ name, environments }) =>
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

  #markDown(): void {
    this.#isUp = false;
    this.#up = Promise.withResolvers();
  }

  #reportLeft(processes: readonly FunctionProcess[], what: string): void {
    const left = processes.filter(({ pid }) => isAlive(pid));
    if (left.length === 0) return;
    this.#options.failures.push(`${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')} ${what}`);
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
