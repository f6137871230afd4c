/** Programs that the benchmark runs: started, waited for, and ended with it whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pidsOf } from './processes.ts';

export interface ProgramOptions {
  command: string;
  args: string[];
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** File for what it prints: a pipe would cost the benchmark's process CPU. */
  log: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killTree(child);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

export class Program {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #log: string;

  constructor({ command, args, env, cwd, log }: ProgramOptions) {
    this.#log = log;
    const output = openSync(log, 'a');
    this.#child = spawn(command, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    running.add(this.#child);
    this.#exited = once(this.#child, 'exit').finally(() => running.delete(this.#child));
    this.#exited.catch(() => {});
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#child.spawnfile} could not be started`);
    return this.#child.pid;
  }

  /**
   * Resolves when the address answers 200.
   * @throws Error with the end of its log when it ends first, or never answers
   */
  async answers(url: string, { seconds = 30, interval = 50 } = {}): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline) {
      if (this.#child.exitCode !== null || this.#child.pid === undefined) break;
      const status = await fetch(url).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      if (status === 200) return;
      await sleep(interval);
    }
    const said = readFileSync(this.#log, 'utf8').trim().split('\n').slice(-5).join('\n');
    await this.stop();
    throw new Error(`${url} does not answer; the server said:\n${said}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    this.#child.kill('SIGTERM');
    const patience = setTimeout(() => killTree(this.#child), 5000);
    await this.#exited;
    clearTimeout(patience);
  }
}

/** Ends a process and all that it started. */
function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  for (const each of pidsOf(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
