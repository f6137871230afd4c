/** Gives the clients of a function process turns at the database. */
import { currentClient } from '../current-request.ts';
import { DatabaseBusy } from '../errors.ts';

/** How long work waits for its turn (ms): less than a function's time-out, which would end the work of others as well. */
const maxWaitMs = 5_000;

/** After work that took longer (ms), requests that have arrived meanwhile are read before the next work begins. */
const longWorkMs = 5;

type Client = string | undefined;

/**
 * Runs as much work at once as the database takes; clients take turns at the rest. So a client that searches a lot lengthens
 * its own wait, and the wait of others by the search that runs.
 * @see infra/docs/decisions/044-turns-by-client.md
 */
export class DatabaseTurns {
  #free: number;
  /** The first client has the next turn. A client without waiting work has no entry. */
  readonly #waiting = new Map<Client, (() => void)[]>();

  /** @param atOnce how much work runs at once */
  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** @throws {DatabaseBusy} when its turn has not come in five seconds */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#turn(currentClient());
    const begun = performance.now();
    try {
      return await work();
    } finally {
      if (this.#waiting.size > 0 && performance.now() - begun > longWorkMs) setImmediate(() => this.#pass());
      else this.#pass();
    }
  }

  #turn(client: Client): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#remove(client, begin);
        reject(new DatabaseBusy());
      }, maxWaitMs);
      const own = this.#waiting.get(client);
      if (own) own.push(begin);
      else this.#waiting.set(client, [begin]);
    });
  }

  /** Begins the next work in turn, if any waits. */
  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    const [client, own] = next;
    this.#waiting.delete(client);
    const begin = own.shift();
    if (own.length > 0) this.#waiting.set(client, own);
    begin?.();
  }

  #remove(client: Client, begin: () => void): void {
    const own = (this.#waiting.get(client) ?? []).filter((one) => one !== begin);
    if (own.length > 0) this.#waiting.set(client, own);
    else this.#waiting.delete(client);
  }
}
