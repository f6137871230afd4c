/** Runs the servers of `npm start` and `npm run dev` as children of this process, and ends them together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { surviveLostOutput } from '../../http/lost-output.ts';
import { readable } from '../../router/host/readable.ts';
import { endGroup, guardGroup } from '../../router/runtime/process-groups.ts';
import { root, say } from './build.ts';

/** A server that runs as a child process. */
export interface Served {
  /** Resolves once the server logs that it listens; never if it ends before. */
  listening: Promise<void>;
  /** Resolves with the exit code; null when a signal ended the server. */
  exited: Promise<number | null>;
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Ends this server alone, and resolves when it has ended. */
  stop(): Promise<void>;
}

/** A second Ctrl-C within this time is the same one: it arrives from the terminal and again from npm. */
const sameSignalMs = 1000;
const parentCheckMs = 250;

surviveLostOutput();

const served = new Set<ChildProcess>();
let endingSince: number | undefined;

/**
 * Starts a server and passes its log on: readable on a terminal, unchanged elsewhere. When the server ends by itself, all
 * others end too, and then this process. A server also ends when this process is killed, which would keep its port taken.
 * @param name stands in front of the server's lines on a terminal
 * @param args the program and its arguments, relative to the project's root
 * @param mayEnd true for a server that may end without ending the others, until it listens
 */
export function serve(name: string, args: string[], env: NodeJS.ProcessEnv, mayEnd = false): Served {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  served.add(child);
  if (child.pid !== undefined) guardGroup(child.pid);
  const listening = Promise.withResolvers<void>();
  let isExpected = mayEnd;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      process.stdout.write(`${process.stdout.isTTY ? readable(name, line) : line}\n`);
      if (!/listening at/i.test(line)) return;
      isExpected = false;
      listening.resolve();
    });
  }
  const exited = once(child, 'exit').then(([code]) => {
    served.delete(child);
    if (child.pid !== undefined) endGroup(child.pid);
    if (!isExpected && endingSince === undefined) void endAll(code || 1);
    return code as number | null;
  });
  return {
    listening: listening.promise,
    exited,
    kill: (signal) => child.kill(signal),
    async stop() {
      isExpected = true;
      child.kill('SIGTERM');
      await exited;
    },
  };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (endingSince !== undefined) {
      if (Date.now() - endingSince > sameSignalMs) process.exit(1);
      return;
    }
    say('\nStopping …');
    void endAll(0);
  });
}

// `infra/scripts/run.mjs` may be killed, too, and tells this process nothing then.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent && endingSince === undefined) void endAll(1);
}, parentCheckMs).unref();

/** Ends every server, and then this process. */
async function endAll(code: number): Promise<void> {
  endingSince = Date.now();
  const exits = [...served].map((child) => once(child, 'exit'));
  for (const child of served) child.kill('SIGTERM');
  await Promise.all(exits);
  process.exit(code);
}
