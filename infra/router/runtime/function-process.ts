/** Starts the operating system's process of an environment, and describes how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { endGroup, guardGroup } from './process-groups.ts';
import type { RuntimeClient, RuntimeClientEvents } from './runtime-client.ts';

/** How to start a process of a function and how to speak to it. Each runtime client has one way (launch.ts). */
export interface LaunchSpec {
  command: string;
  args: string[];
  /** Working folder of the process: LAMBDA_TASK_ROOT, as on Lambda. */
  cwd: string;
  env: Record<string, string | undefined>;
  /** How many events the process takes at once. */
  maxConcurrency: number;
  /** Opens the line to the process. `socket` is the router's end of the process's file descriptor 3; `pid` is the process. */
  connect(socket: Duplex, events: RuntimeClientEvents, pid: number): RuntimeClient;
}

/**
 * Starts a process with pipes for its log and a socket at its file descriptor 3. The process leads a group and a session of
 * its own, so Ctrl-C in a terminal does not reach it: the router decides when it ends.
 * @param onFailed called later, when the system could not start it: no such command, too many files, too little memory
 * @returns undefined when Node.js could not even try
 */
export function startProcess(
  { command, args, cwd, env }: LaunchSpec,
  onFailed: (reason: string) => void,
): ChildProcess | undefined {
  const failed = ({ message }: Error) => onFailed(`${command} could not be started in ${cwd}: ${message}`);
  try {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
    const { pid } = child;
    child.on('error', (error) => pid === undefined && failed(error));
    if (pid !== undefined) {
      guardGroup(pid);
      child.once('exit', () => endGroup(pid));
    }
    return child;
  } catch (error) {
    process.nextTick(failed, error);
    return undefined;
  }
}

/** @returns how a process ended, in Lambda's words */
export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
