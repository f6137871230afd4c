/**
 * Estimates how long an event waits inside a function's process, whose one thread handles many events in turn.
 * @see infra/docs/decisions/028-overload.md
 */
import { performance } from 'node:perf_hooks';

/** Shortest time between two pings (ms). */
const pingIntervalMs = 50;
/** How much an older measurement counts when a new one comes. */
const decay = 0.7;
/** How long a ping may take (ms). An unanswered one tells nothing new after that. */
const maxPingMs = 10_000;

/**
 * Pings the process behind some of its events. The answer comes when the events before the ping have had their turn, which
 * tells what an event costs. Events that only wait, for a database perhaps, cost nothing here.
 */
export class WaitEstimate {
  readonly #ping: (maxWaitMs: number) => Promise<boolean>;
  /** Times and numbers of events of the last pings; older ones count less. */
  #sumMs = 0;
  #sumEvents = 0;
  #lastPing = Number.NEGATIVE_INFINITY;
  #pending = false;

  /** @param ping resolves when the process has answered */
  constructor(ping: (maxWaitMs: number) => Promise<boolean>) {
    this.#ping = ping;
  }

  /** What one event costs the process's thread, on average (ms). */
  get costMs(): number {
    return this.#sumEvents === 0 ? 0 : this.#sumMs / this.#sumEvents;
  }

  /** @param inFlight events that the process has, with the one that was just sent */
  sent(inFlight: number): void {
    if (this.#pending) return;
    const begun = performance.now();
    if (begun - this.#lastPing < pingIntervalMs) return;
    this.#lastPing = begun;
    this.#pending = true;
    void this.#ping(maxPingMs).then(() => {
      this.#pending = false;
      this.#sumMs = this.#sumMs * decay + performance.now() - begun;
      this.#sumEvents = this.#sumEvents * decay + inFlight;
    });
  }
}
