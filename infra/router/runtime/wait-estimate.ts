/**
 * Estimates how long an event waits inside a function's process, whose one thread handles many events in turn.
 * @see infra/docs/decisions/028-overload.md
 */
import { performance } from 'node:perf_hooks';

/** Shortest time between two pings (ms). */
const pingIntervalMs = 50;
/** How long a ping may take (ms). An unanswered one tells nothing new after that. */
const maxPingMs = 10_000;
/** How many pings count. The estimate begins when there are as many: the first events of a process cost more than others. */
const samples = 10;

/**
 * Pings the process behind some of its events. The answer comes when the events before the ping have had their turn, which
 * tells what an event costs. Events that only wait, for a database perhaps, cost nothing here.
 */
export class WaitEstimate {
  readonly #ping: (maxWaitMs: number) => Promise<boolean>;
  /** Cost of an event at each of the last pings (ms). */
  readonly #costs: number[] = [];
  #lastPing = Number.NEGATIVE_INFINITY;
  #pending = false;
  #costMs = 0;

  /** @param ping resolves when the process has answered */
  constructor(ping: (maxWaitMs: number) => Promise<boolean>) {
    this.#ping = ping;
  }

  /**
   * Time that one event costs the process's thread (ms): the median of the last pings. A pause of the machine or a garbage
   * collection makes a few pings late, and must not make the router refuse requests.
   */
  get costMs(): number {
    return this.#costMs;
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
      this.#costs.push((performance.now() - begun) / inFlight);
      if (this.#costs.length > samples) this.#costs.shift();
      if (this.#costs.length === samples) this.#costMs = median(this.#costs);
    });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] as number;
}
