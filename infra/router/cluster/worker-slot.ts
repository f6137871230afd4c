/** Keeps one router process running: when it ends, its slot starts another. */
import { log } from '../process/log.ts';
import type { SupervisorMessage, WorkerMessage } from './messages.ts';

/** The part of node:cluster's Worker that a slot uses. */
export interface WorkerProcess {
  process: { pid?: number | undefined; kill(signal: NodeJS.Signals): boolean };
  send(message: SupervisorMessage, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: WorkerMessage) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
}

export interface WorkerSlotOptions {
  /** Counted from 0. */
  index: number;
  fork(): WorkerProcess;
  onMessage(message: WorkerMessage): void;
  /** Called when the process has ended, whether that was expected or not. */
  onExit(): void;
  /** Pauses (ms) before the next start, after a process ended early once, twice and so on; the last one repeats. */
  restartPausesMs?: number[];
}

/** A process that lived this long (ms) did not fail to start. */
const settledAfterMs = 10_000;

/** One of the supervisor's router processes, and its successors. */
export class WorkerSlot {
  readonly #options: WorkerSlotOptions;
  readonly #restartPausesMs: number[];
  #current: WorkerProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopping = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: WorkerSlotOptions) {
    this.#options = options;
    this.#restartPausesMs = options.restartPausesMs ?? [0, 250, 1000, 4000, 15_000];
  }

  /** Starts a process in the slot. */
  start(): void {
    const { fork, onMessage } = this.#options;
    const current = fork();
    const startedAt = Date.now();
    this.#current = current;
    current.on('message', onMessage);
    // `exit` and `disconnect` come in either order. The last messages are read before `disconnect`.
    const disconnected = Promise.withResolvers<void>();
    current.on('disconnect', disconnected.resolve);
    current.on('exit', async (code, signal) => {
      await disconnected.promise;
      this.#ended(current, startedAt, { code, signal });
    });
    // Without a pid the process could not be started. Otherwise a message could not be sent, since the process is ending.
    current.on('error', ({ message }) => {
      if (current.process.pid === undefined) this.#ended(current, startedAt, { errorMessage: message });
    });
  }

  /** @returns false when the slot has no process at the moment */
  send(message: SupervisorMessage): boolean {
    this.#current?.send(message, () => {});
    return this.#current !== undefined;
  }

  /**
   * Lets the process finish its requests and end. Resolves when it has ended, and no other is started.
   * @param graceMs how long the process may take (ms) before it is killed
   */
  async stop(graceMs: number): Promise<void> {
    const empty = Promise.withResolvers<void>();
    this.#whenEmpty = empty.resolve;
    this.#end('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    await empty.promise;
    clearTimeout(timer);
  }

  /** Kills the process; the processes of its functions end by themselves when it is gone. */
  kill(): void {
    this.#end('SIGKILL');
  }

  #end(signal: NodeJS.Signals): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
    if (this.#current) this.#current.process.kill(signal);
    else this.#whenEmpty?.();
  }

  #ended(gone: WorkerProcess, startedAt: number, how: object): void {
    if (gone !== this.#current) return;
    this.#current = undefined;
    this.#options.onExit();
    if (this.#stopping) {
      this.#whenEmpty?.();
      return;
    }
    this.#failures = Date.now() - startedAt < settledAfterMs ? this.#failures + 1 : 0;
    const pauseMs = this.#restartPausesMs[Math.min(this.#failures, this.#restartPausesMs.length - 1)] ?? 0;
    log.error('A router process ended, another is started', {
      process: this.#options.index + 1,
      pid: gone.process.pid,
      ...how,
      pauseMs,
    });
    this.#timer = setTimeout(() => this.start(), pauseMs);
  }
}
