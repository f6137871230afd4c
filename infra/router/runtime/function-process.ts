/** The operating system's process of an environment: starts it, ends it, and tells how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { endGroup, guardGroup, signalGroup } from './process-groups.ts';
import type { RuntimeClient, RuntimeClientEvents } from './runtime-client.ts';

/** How long a process gets to end by itself after SIGTERM (ms). */
const killGraceMs = 2000;
/** How long the last bytes of a process may arrive after its exit (ms). */
const drainGraceMs = 250;

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

/** What a process tells its environment. */
export interface ProcessEvents {
  /** The process has ended. Bytes that it sent before may still arrive. */
  exited(): void;
  /** Nothing more arrives. `how` is the reason, in Lambda's words where the process had started. */
  gone(how: string): void;
}

/** A function's process. The system may have failed to start it: then it has no id, and `gone` follows. */
export class FunctionProcess {
  /** Undefined where Node.js could not even try. */
  readonly #child: ChildProcess | undefined;

  constructor(spec: LaunchSpec, events: ProcessEvents) {
    this.#child = startProcess(spec, events.gone);
    this.#child?.once('exit', (code, signal) => {
      events.exited();
      this.#drain(() => events.gone(describeExit(code, signal)));
    });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The process's standard output. It is missing when the system has no file descriptors left, as are the two below. */
  get stdout(): Readable | null | undefined {
    return this.#child?.stdout;
  }

  get stderr(): Readable | null | undefined {
    return this.#child?.stderr;
  }

  /** The router's end of the process's file descriptor 3. */
  get socket(): Duplex | undefined {
    return this.#child?.stdio?.[3] as Duplex | undefined;
  }

  /** Asks the process to end, and ends it if it does not. */
  terminate(): void {
    this.#signal('SIGTERM');
    setTimeout(() => this.kill(), killGraceMs).unref();
  }

  /** Ends the process now, with all that it has started. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)
      signalGroup(child.pid, signal);
  }

  /** Waits for the bytes that the process sent before it ended, because an answer among them counts. */
  #drain(done: () => void): void {
    const drained = () => {
      clearTimeout(timer);
      done();
    };
    // After a pause of the router itself, timers come before the bytes that have arrived meanwhile.
    const timer = setTimeout(() => setImmediate(drained), drainGraceMs);
    this.#child?.once('close', drained);
  }
}

/**
 * Starts a process with pipes for its log and a socket at its file descriptor 3. The process leads a group and a session of
 * its own, so Ctrl-C in a terminal does not reach it: the router decides when it ends.
 * @param onFailed called later, when the system could not start it: no such command, too many files, too little memory
 * @returns undefined where Node.js could not even try
 */
function startProcess(
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
function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
