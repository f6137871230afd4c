/** The place of one router process: when the process in it ends, another is started. */
import { log } from '../process/log.ts';
import type { FromRouter, FromSupervisor } from './messages.ts';

/** What is used of node:cluster's Worker. */
export interface RouterProcess {
  process: { pid?: number | undefined; kill(signal: NodeJS.Signals): boolean };
  send(message: FromSupervisor, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: FromRouter) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
}

export interface SlotOptions {
  /** From 0. */
  index: number;
  fork(): RouterProcess;
  onMessage(message: FromRouter): void;
  /** The process has ended, expected or not. */
  onExit(): void;
  /** Milliseconds before a process is started again that ended at once, once, twice and so on; the last one stays. */
  pauses?: number[];
}

/** Milliseconds after which the end of a process is no failure to start. */
const settled = 10_000;

export class Slot {
  readonly #options: SlotOptions;
  readonly #pauses: number[];
  #current: RouterProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopping = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#pauses = options.pauses ?? [0, 250, 1000, 4000, 15_000];
  }

  start(): void {
    const { fork, onMessage } = this.#options;
    const current = fork();
    const startedAt = Date.now();
    this.#current = current;
    current.on('message', onMessage);
    // Either may come first: its last messages are read when it is disconnected.
    const disconnected = Promise.withResolvers<void>();
    current.on('disconnect', disconnected.resolve);
    current.on('exit', async (code, signal) => {
      await disconnected.promise;
      this.#ended(current, startedAt, { code, signal });
    });
    // That it could not be started; what could not be sent is of no concern, the process is ending.
    current.on('error', ({ message }) => {
      if (current.process.pid === undefined) this.#ended(current, startedAt, { errorMessage: message });
    });
  }

  /** @returns false when there is no process to send it to */
  send(message: FromSupervisor): boolean {
    this.#current?.send(message, () => {});
    return this.#current !== undefined;
  }

  /**
   * Has the process finish what it has in hand, and end. Resolves when it has.
   * @param grace milliseconds after which it is killed
   */
  async stop(grace: number): Promise<void> {
    const empty = Promise.withResolvers<void>();
    this.#whenEmpty = empty.resolve;
    this.#end('SIGTERM');
    const timer = setTimeout(() => this.kill(), grace);
    await empty.promise;
    clearTimeout(timer);
  }

  /** Ends the process now; its functions' processes end by themselves. */
  kill(): void {
    this.#end('SIGKILL');
  }

  #end(signal: NodeJS.Signals): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
    if (this.#current) this.#current.process.kill(signal);
    else this.#whenEmpty?.();
  }

  #ended(gone: RouterProcess, startedAt: number, how: object): void {
    if (gone !== this.#current) return;
    this.#current = undefined;
    this.#options.onExit();
    if (this.#stopping) {
      this.#whenEmpty?.();
      return;
    }
    this.#failures = Date.now() - startedAt < settled ? this.#failures + 1 : 0;
    const pause = this.#pauses[Math.min(this.#failures, this.#pauses.length - 1)] ?? 0;
    log.error('A router process ended, another is started', {
      process: this.#options.index + 1,
      pid: gone.process.pid,
      ...how,
      pauseMs: pause,
    });
    this.#timer = setTimeout(() => this.start(), pause);
  }
}
