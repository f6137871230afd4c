/**
 * Estimates how long an event waits inside a function's process, whose one thread handles many events in turn.
 * @see infra/docs/decisions/028-overload.md
 */
import { performance } from 'node:perf_hooks';
import type { ProcessWork } from '../../wire/work.ts';

/** Shortest time between two pings (ms). */
const pingIntervalMs = 50;
/** How long a ping may take (ms). An unanswered one tells nothing new after that. */
const maxPingMs = 10_000;
/** How many pings count. The estimate begins when there are as many: the first events of a process cost more than others. */
const samples = 10;
/** Cost of an event (ms) until the first ping is answered. A process that has just started thus gets few events of a client. */
const unknownCostMs = 6;

/**
 * Pings the process behind some of its events. The answer comes when the events before the ping have had their turn, which
 * tells what an event costs. A handler that waits before it works answers the ping first: there the work of the process since
 * the ping before tells it. Events that only wait, for a database perhaps, cost nothing here.
 */
export class WaitEstimate {
  readonly #ping: (maxWaitMs: number) => Promise<ProcessWork | undefined>;
  readonly #onAnswer: () => void;
  /** Cost of an event at each of the last pings (ms). */
  readonly #costs: number[] = [];
  #lastPing = Number.NEGATIVE_INFINITY;
  #pending = false;
  /** Events in flight at the last ping. */
  #pinged = 0;
  /** Work of the process when its events were last counted. */
  #work: ProcessWork = { activeMs: 0, ended: 0, ranMs: 0 };
  #activeShare: number | undefined;
  #runMs: number | undefined;
  #latestPingMs = 0;
  #latestCostMs = unknownCostMs;
  #costMs = 0;

  /**
   * @param ping resolves when the process has answered, with its work
   * @param onAnswer called after each answer
   */
  constructor(ping: (maxWaitMs: number) => Promise<ProcessWork | undefined>, onAnswer: () => void = () => {}) {
    this.#ping = ping;
    this.#onAnswer = onAnswer;
  }

  /**
   * Time that one event costs the process's thread (ms): the median of the last pings. A pause of the machine or a garbage
   * collection makes a few pings late, and must not make the router refuse requests.
   */
  get costMs(): number {
    return this.#costMs;
  }

  /**
   * Time that one event costs by the last ping, and by a ping that is late already (ms). It tells of expensive events at once,
   * and may be wrong about a pause: it must not make the router refuse requests.
   */
  get latestCostMs(): number {
    const known = Math.max(this.#costMs, this.#latestCostMs);
    return this.#pending ? Math.max(known, (performance.now() - this.#lastPing) / this.#pinged) : known;
  }

  /** The part of the time of its events that the process computes, 0 to 1; undefined until it is known. */
  get activeShare(): number | undefined {
    return this.#activeShare;
  }

  /** How long an event ran in the process on average, between two of the last pings (ms); undefined until it is known. */
  get runMs(): number | undefined {
    return this.#runMs;
  }

  /** How long the process took to answer the last ping, or has not answered yet (ms). */
  get pingMs(): number {
    return this.#pending ? Math.max(this.#latestPingMs, performance.now() - this.#lastPing) : this.#latestPingMs;
  }

  /** @param inFlight events that the process has, with the one that was just sent */
  sent(inFlight: number): void {
    if (!this.#pending && performance.now() - this.#lastPing >= pingIntervalMs) this.ask(inFlight);
  }

  /** Pings the process now, unless a ping is on its way. @param inFlight events that the process has */
  ask(inFlight: number): void {
    if (this.#pending) return;
    const begun = performance.now();
    this.#lastPing = begun;
    this.#pending = true;
    this.#pinged = inFlight;
    void this.#ping(maxPingMs).then((work) => {
      this.#pending = false;
      this.#latestPingMs = performance.now() - begun;
      this.#latestCostMs = Math.max(this.#latestPingMs / inFlight, this.#worked(work));
      this.#costs.push(this.#latestCostMs);
      if (this.#costs.length > samples) this.#costs.shift();
      if (this.#costs.length === samples) this.#costMs = median(this.#costs);
      this.#onAnswer();
    });
  }

  /** @returns the work for each event that has ended since the last count (ms); 0 if none has */
  #worked(work: ProcessWork | undefined): number {
    if (!work || work.ended === this.#work.ended) return 0;
    const { activeMs, ended, ranMs } = this.#work;
    this.#work = work;
    // The first events come with the work of INIT.
    if (ended === 0) return 0;
    this.#runMs = (work.ranMs - ranMs) / (work.ended - ended);
    if (work.ranMs > ranMs) this.#activeShare = Math.min(1, (work.activeMs - activeMs) / (work.ranMs - ranMs));
    return (work.activeMs - activeMs) / (work.ended - ended);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] as number;
}
