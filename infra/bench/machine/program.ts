/** Runs the servers of the bench. Every server ends with the bench, even if the bench fails. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { treePids } from './processes.ts';

/** How a program is started. */
export interface ProgramOptions {
  command: string;
  args: string[];
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** File for the output. A pipe would cost the bench's process CPU time. */
  log: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killTree(child);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/** A child process. */
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

  /** @throws Error when the program could not be started */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#child.spawnfile} could not be started`);
    return this.#child.pid;
  }

  /**
   * Resolves when the address answers 200.
   * @throws Error with the end of the log when the program ends first or does not answer in time
   */
  async waitUntilReady(url: string, { timeoutMs = 30_000, pollIntervalMs = 50 } = {}): Promise<void> {
    const deadline = performance.now() + timeoutMs;
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
      await sleep(pollIntervalMs);
    }
    const lastLines = readFileSync(this.#log, 'utf8').trim().split('\n').slice(-5).join('\n');
    await this.stop();
    throw new Error(`${url} does not answer; the end of its log:\n${lastLines}`);
  }

  /** Sends SIGTERM, and SIGKILL after five seconds. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    this.#child.kill('SIGTERM');
    const killTimer = setTimeout(() => killTree(this.#child), 5000);
    await this.#exited;
    clearTimeout(killTimer);
  }
}

/** Kills a process and its descendants. */
function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  for (const each of treePids(pid)) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // The process has ended by itself.
    }
  }
}
