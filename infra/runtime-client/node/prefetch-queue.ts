/** The events that wait in a process for the end of the one that runs. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Writable } from 'node:stream';
import type { Frame } from '../../wire/frames.ts';

/** How long an event may keep the next ones waiting here (ms). After that another process is the better place for them. */
const patienceMs = 5;

export interface PrefetchQueueOptions {
  /** The line to the router. */
  channel: Writable;
  /** Whether an event runs. */
  isBusy(): boolean;
  /** Begins with an event. */
  begin(frame: Frame): void;
  /** Gives an event back to the router. */
  giveBack(frame: Frame): void;
}

/**
 * Holds the events that the router has sent ahead to a process that takes one at a time. Each begins in a turn of the event loop
 * of its own, so that a failure which the event before left behind ends the process first.
 * @see infra/docs/decisions/062-prefetched-events.md
 */
export class PrefetchQueue {
  readonly #options: PrefetchQueueOptions;
  readonly #frames: Frame[] = [];
  /** How many events have left the queue to begin. */
  #begun = 0;
  /** How many turns of the event loop will look at the queue. */
  #turns = 0;
  #patience: NodeJS.Timeout | undefined;
  /** Runs code outside of every event: the next handler must not see the AsyncLocalStorage of the one before. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(options: PrefetchQueueOptions) {
    this.#options = options;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#takeTurn();
    this.#watch();
  }

  /** Tells the queue that an event has ended. */
  ended(): void {
    if (this.#frames.length > 0 && this.#turns === 0) this.#takeTurn();
  }

  /** Gives all events back to the router. */
  giveBack(): void {
    for (const frame of this.#frames.splice(0)) this.#options.giveBack(frame);
  }

  #takeTurn(): void {
    this.#turns++;
    this.#outside(setImmediate, () => {
      this.#turns--;
      this.#next();
    });
  }

  #next(): void {
    const { channel, isBusy, begin } = this.#options;
    if (this.#frames.length === 0 || isBusy()) return;
    if (channel.writableLength > 0) {
      // If this event ended the process, the answer of the event before must not be lost with it.
      channel.write('', () => this.ended());
      return;
    }
    this.#begun++;
    begin(this.#frames.shift() as Frame);
  }

  /** Gives the events back if the one that runs keeps them for long. */
  #watch(): void {
    if (this.#patience) return;
    const begun = this.#begun;
    const look = () => {
      this.#patience = undefined;
      if (this.#frames.length === 0) return;
      if (this.#begun > begun) this.#watch();
      else this.giveBack();
    };
    // A handler that waits for what never comes ends its process: the queue must not keep the event loop alive.
    this.#patience = this.#outside(setTimeout, look, patienceMs).unref();
  }
}
