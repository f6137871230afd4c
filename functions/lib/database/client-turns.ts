/** Gives the clients of a function process turns at the database. */
import { currentClient, requestsInProgress, whenRequestEnds } from '../current-request.ts';
import { DatabaseBusy } from '../errors.ts';
import { WaitingReads } from './waiting-reads.ts';

/** How long a read waits for its turn (ms): less than a function's time-out, which would end the work of others as well. */
const maxWaitMs = 5_000;

/** How long a search waits for its turn (ms), unless two searches take longer. */
const maxSearchWaitMs = 2_000;

/** How much the last search counts in the average duration. */
const lastSearchShare = 0.2;

/** After work that took longer (ms), requests that have arrived meanwhile are read before the next work begins. */
const longWorkMs = 5;

/** How long a search lets quick requests go first (ms), so that many of them do not keep it away for ever. */
const maxPauseMs = 50;

/** How many reads run at once, and whether they block the process. */
export interface DatabaseTurnsOptions {
  readonly atOnce: number;
  /** Whether the process can do nothing else during a read. */
  readonly areBlocking: boolean;
  /** The time (ms) since any moment. */
  readonly clock?: () => number;
}

/**
 * Runs as many reads at once as the database takes; clients take turns at the rest. Quick reads go before searches, and a search
 * that would wait too long is refused at once. So a read waits for the search that runs, however many clients search.
 * @see infra/docs/decisions/044-turns-by-client.md
 */
export class DatabaseTurns {
  readonly #atOnce: number;
  readonly #areBlocking: boolean;
  readonly #clock: () => number;
  #free: number;
  readonly #quick = new WaitingReads();
  readonly #searches = new WaitingReads();
  /** The average duration of a search (ms). */
  #searchMs = 0;
  /** Until then the next search lets quick requests go first, by performance.now(). */
  #pauseEnd = 0;
  /** Whether the event loop turns before the next search. */
  #isLooking = false;
  #isPausing = false;

  constructor({ atOnce, areBlocking, clock = () => performance.now() }: DatabaseTurnsOptions) {
    this.#atOnce = atOnce;
    this.#areBlocking = areBlocking;
    this.#clock = clock;
    this.#free = atOnce;
  }

  /**
   * Runs a read when its turn comes.
   * @param isSearch whether the read may go through the whole table
   * @throws {DatabaseBusy} when its turn does not come in five seconds, or that of a search probably not in two
   */
  async run<T>(work: () => Promise<T>, isSearch = false): Promise<T> {
    if (this.#free > 0 && !(isSearch && (this.#isLooking || this.#searches.length > 0))) this.#free--;
    else await this.#turn(isSearch);
    const begun = this.#clock();
    try {
      return await work();
    } finally {
      const ended = this.#clock();
      if (isSearch) this.#searchMs += (ended - begun - this.#searchMs) * (this.#searchMs === 0 ? 1 : lastSearchShare);
      this.#free++;
      if (ended - begun > longWorkMs) this.#nextAfterPause(ended);
      else this.#next();
    }
  }

  #turn(isSearch: boolean): Promise<void> {
    const client = currentClient();
    const queue = isSearch ? this.#searches : this.#quick;
    const limitMs = isSearch ? Math.min(maxWaitMs, Math.max(maxSearchWaitMs, 2 * this.#searchMs)) : maxWaitMs;
    if (isSearch && ((queue.ahead(client) + 1) * this.#searchMs) / this.#atOnce > limitMs) throw new DatabaseBusy();
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        queue.remove(client, begin);
        reject(new DatabaseBusy());
      }, limitMs);
      queue.push(client, begin);
      this.#next();
    });
  }

  /**
   * Lets the event loop turn twice before the next search: once to read the requests that have arrived meanwhile, and once to
   * send the answers that need no database.
   */
  #nextAfterPause(now: number): void {
    this.#pauseEnd = now + maxPauseMs;
    this.#isLooking = true;
    setImmediate(() => {
      this.#next();
      setImmediate(() => {
        this.#isLooking = false;
        this.#next();
      });
    });
  }

  /** Begins the reads in turn, as far as there is room. */
  #next(): void {
    while (this.#free > 0) {
      const begin = this.#quick.shift() ?? (this.#mayBeginSearch() ? this.#searches.shift() : undefined);
      if (!begin) return;
      this.#free--;
      begin();
    }
  }

  /** Whether no request is in progress that a search would block, such as one that waits for the cache. */
  #mayBeginSearch(): boolean {
    if (this.#isLooking || this.#searches.length === 0) return false;
    const pauseMs = this.#areBlocking ? this.#pauseEnd - this.#clock() : 0;
    if (pauseMs <= 0 || requestsInProgress() <= this.#searches.length) return true;
    if (!this.#isPausing) {
      this.#isPausing = true;
      const goOn = () => {
        clearTimeout(timer);
        if (!this.#isPausing) return;
        this.#isPausing = false;
        this.#next();
      };
      const timer = setTimeout(goOn, pauseMs);
      whenRequestEnds(goOn);
    }
    return false;
  }
}
