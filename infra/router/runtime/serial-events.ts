/** The events of a process that takes one at a time: the one that runs, and the ones that were sent ahead. */
import { performance } from 'node:perf_hooks';
import type { Invocation } from './invocation.ts';

/** How many events may wait in the process. */
const maxPrefetched = 7;
/** An event that runs for longer on average (ms) is worth a process of its own. */
const maxRunMs = 1;
/** How long a process that gave events back gets none ahead (ms). */
const pauseMs = 1000;

/** @see infra/docs/decisions/062-prefetched-events.md */
export class SerialEvents<Event extends { readonly invocation: Invocation }> {
  #running: Event | undefined;
  /** In the order in which the process begins with them. */
  readonly #prefetched: Event[] = [];
  /** By performance.now(). */
  #pausedUntil = 0;

  /**
   * Whether one more event may wait in the process: it works for the same client, and its events are short.
   * @param runMs how long an event runs on average (ms); undefined where that is not known
   */
  mayPrefetch(client: string | undefined, runMs: number | undefined): boolean {
    if (this.#running === undefined || this.#running.invocation.client !== client) return false;
    if (runMs === undefined || runMs > maxRunMs) return false;
    return this.#prefetched.length < maxPrefetched && performance.now() >= this.#pausedUntil;
  }

  /** @returns whether the event runs; otherwise it waits */
  add(event: Event): boolean {
    if (this.#running) this.#prefetched.push(event);
    else this.#running = event;
    return this.#running === event;
  }

  /** @returns whether the event ran, so that `next` may run now */
  remove(event: Event): boolean {
    if (this.#running === event) {
      this.#running = undefined;
      return true;
    }
    const place = this.#prefetched.indexOf(event);
    if (place !== -1) this.#prefetched.splice(place, 1);
    return false;
  }

  /** @returns the event that runs now, if one waits */
  next(): Event | undefined {
    this.#running = this.#prefetched.shift();
    return this.#running;
  }

  /** Lets no event go ahead for a second. */
  pause(): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + pauseMs);
  }

  /** Lets no event go ahead any more. */
  end(): void {
    this.#pausedUntil = Number.POSITIVE_INFINITY;
  }

  /** @param mayHaveBegun whether the process may have begun with the next one @returns the events with which it has not */
  notBegun(mayHaveBegun: boolean): ReadonlySet<Event> {
    return new Set(this.#prefetched.slice(mayHaveBegun ? 1 : 0));
  }
}
