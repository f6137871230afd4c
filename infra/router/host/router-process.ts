/** Runs the router as a child process of the host. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { routerFlags } from '../../v8/flags.ts';
import { endGroup, guardGroup } from '../runtime/process-groups.ts';
import { readable } from './readable.ts';

/** A line of the router's log, as far as the host reads it. */
export interface RouterLogEntry {
  message?: unknown;
  errorMessage?: string;
  lambdaPort?: number;
  /** How many functions are served, or were reloaded. */
  functions?: number;
}

/** The router's program, and what happens to its output. */
export interface RouterProcessOptions {
  /** Absolute path of the router's main.mjs. */
  file: string;
  env: NodeJS.ProcessEnv;
  /** Called with each entry of the log. @returns false to keep the entry from the output */
  onEntry(entry: RouterLogEntry): boolean;
}

/** The router's process. Its log goes to stdout: as JSON lines, or readable on a terminal. */
export class RouterProcess {
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;

  constructor({ file, env, onEntry }: RouterProcessOptions) {
    const child = spawn(process.execPath, [...routerFlags, file], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.#child = child;
    // A host that is killed must not leave the port taken.
    if (child.pid !== undefined) guardGroup(child.pid);
    this.exited = once(child, 'exit').then(([code]) => {
      if (child.pid !== undefined) endGroup(child.pid);
      return (code as number | null) ?? 1;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!onEntry(parseEntry(line))) return;
      process.stdout.write(`${process.stdout.isTTY ? readable('router', line) : line}\n`);
    });
  }

  /** Makes the router take the new manifest. */
  reload(): void {
    this.#child.kill('SIGHUP');
  }

  /** Lets the requests in flight finish. A second call ends them. */
  stop(): void {
    this.#child.kill('SIGTERM');
  }
}

function parseEntry(line: string): RouterLogEntry {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
