/**
 * Gives clients turns: it holds their calls that wait, and counts those that run. The router uses it for invocations, and the
 * site's server for pages and for files to read.
 */
import { performance } from 'node:perf_hooks';

/** The key of a client, by `clientKey`. Calls without one count as those of one client. */
type Client = string | undefined;

/**
 * The waiting and running calls of one resource, by client. Clients take turns, and the calls of one client keep their order.
 * So a client with many calls lengthens its own wait, and the wait of others by one call at most.
 * @see infra/docs/decisions/044-turns-by-client.md
 */
export class ClientTurns<Waiting> {
  /** How many calls wait. */
  length = 0;
  #lastPush = Number.NEGATIVE_INFINITY;
  /** The first client has the next turn. A client without a waiting call has no entry. */
  readonly #waiting = new Map<Client, Waiting[]>();
  readonly #running = new Map<Client, number>();

  /** Adds a call behind the others of its client. */
  push(client: Client, waiting: Waiting): void {
    const own = this.#waiting.get(client);
    if (own) own.push(waiting);
    else this.#waiting.set(client, [waiting]);
    this.length++;
    this.#lastPush = performance.now();
  }

  /**
   * Removes the next call in turn.
   * @param mayRun whether a call of a client may run now
   * @returns undefined if no call waits that may run
   */
  take(mayRun: (client: Client) => boolean): Waiting | undefined {
    for (const [client, own] of this.#waiting) {
      if (!mayRun(client)) continue;
      this.#waiting.delete(client);
      if (own.length > 1) this.#waiting.set(client, own);
      this.length--;
      return own.shift();
    }
    return undefined;
  }

  /** Removes a call that waits no longer. */
  remove(client: Client, waiting: Waiting): void {
    const own = this.#waiting.get(client) ?? [];
    const at = own.indexOf(waiting);
    if (at === -1) return;
    own.splice(at, 1);
    this.length--;
    if (own.length === 0) this.#waiting.delete(client);
  }

  /** Removes and returns all calls that wait. */
  drain(): Waiting[] {
    const all = this.all();
    this.#waiting.clear();
    this.length = 0;
    return all;
  }

  /** @returns all calls that wait, client by client */
  all(): Waiting[] {
    return [...this.#waiting.values()].flat();
  }

  /**
   * Names the call that gives way to one more of a client where there is room for no more calls.
   * @returns the newest waiting call of the client that has the most calls, if it has more than this client would have
   */
  newestOfBusiest(client: Client): Waiting | undefined {
    let most = this.callsOf(client) + 1;
    let newest: Waiting | undefined;
    for (const [other, own] of this.#waiting) {
      const calls = this.callsOf(other);
      if (calls <= most) continue;
      most = calls;
      newest = own.at(-1);
    }
    return newest;
  }

  /** The client that has the next turn, if a call waits. */
  get first(): Client {
    return this.#waiting.keys().next().value;
  }

  /** @returns how many calls of a client wait */
  waitingOf(client: Client): number {
    return this.#waiting.get(client)?.length ?? 0;
  }

  /** @param withinMs the time to look back (ms) @returns whether a call had to wait in this time */
  hadWaiting(withinMs: number): boolean {
    return performance.now() - this.#lastPush < withinMs;
  }

  /** @returns how many calls would have their turn before one more of this client */
  ahead(client: Client): number {
    const turns = this.waitingOf(client) + 1;
    let ahead = turns - 1;
    for (const [other, own] of this.#waiting) if (other !== client) ahead += Math.min(own.length, turns);
    return ahead;
  }

  /** @returns how many calls of a client run */
  runningOf(client: Client): number {
    return this.#running.get(client) ?? 0;
  }

  /** @returns how many calls of a client wait or run */
  callsOf(client: Client): number {
    return this.waitingOf(client) + this.runningOf(client);
  }

  /** Counts a call that begins to run. */
  begin(client: Client): void {
    this.#running.set(client, this.runningOf(client) + 1);
  }

  /** Counts a call that has ended. */
  end(client: Client): void {
    const left = this.runningOf(client) - 1;
    if (left === 0) this.#running.delete(client);
    else this.#running.set(client, left);
  }
}
