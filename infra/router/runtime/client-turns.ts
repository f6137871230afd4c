/** Gives the clients of one function turns: it holds the invocations that wait, and counts those that run. */
import { performance } from 'node:perf_hooks';

/** The key of a client. Invocations without one, such as those of the Invoke API, count as those of one client. */
type Client = string | undefined;

/**
 * The waiting and running invocations of a pool, by client. Clients take turns, and the invocations of one client keep their
 * order. So a client that sends many invocations lengthens its own wait, and the wait of others by one invocation at most.
 * @see infra/docs/decisions/044-turns-by-client.md
 */
export class ClientTurns<Waiting> {
  /** How many invocations wait. */
  length = 0;
  #lastPush = Number.NEGATIVE_INFINITY;
  /** The first client has the next turn. A client without a waiting invocation has no entry. */
  readonly #waiting = new Map<Client, Waiting[]>();
  readonly #running = new Map<Client, number>();

  /** Adds an invocation behind the others of its client. */
  push(client: Client, waiting: Waiting): void {
    const own = this.#waiting.get(client);
    if (own) own.push(waiting);
    else this.#waiting.set(client, [waiting]);
    this.length++;
    this.#lastPush = performance.now();
  }

  /**
   * Removes the next invocation in turn.
   * @param mayRun whether an invocation of a client may run now
   * @returns undefined if no invocation waits that may run
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

  /** Removes an invocation that waits no longer. */
  remove(client: Client, waiting: Waiting): void {
    const own = this.#waiting.get(client) ?? [];
    const at = own.indexOf(waiting);
    if (at === -1) return;
    own.splice(at, 1);
    this.length--;
    if (own.length === 0) this.#waiting.delete(client);
  }

  /** Removes and returns all invocations that wait. */
  drain(): Waiting[] {
    const all = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.length = 0;
    return all;
  }

  /** @returns how many invocations of a client wait */
  waitingOf(client: Client): number {
    return this.#waiting.get(client)?.length ?? 0;
  }

  /** @param withinMs the time to look back (ms) @returns whether an invocation had to wait in this time */
  hadWaiting(withinMs: number): boolean {
    return performance.now() - this.#lastPush < withinMs;
  }

  /** @returns how many invocations would have their turn before one more of this client */
  ahead(client: Client): number {
    const turns = this.waitingOf(client) + 1;
    let ahead = turns - 1;
    for (const [other, own] of this.#waiting) if (other !== client) ahead += Math.min(own.length, turns);
    return ahead;
  }

  /** @returns how many invocations of a client run */
  runningOf(client: Client): number {
    return this.#running.get(client) ?? 0;
  }

  /** Counts an invocation that begins to run. */
  begin(client: Client): void {
    this.#running.set(client, this.runningOf(client) + 1);
  }

  /** Counts an invocation that has ended. */
  end(client: Client): void {
    const left = this.runningOf(client) - 1;
    if (left === 0) this.#running.delete(client);
    else this.#running.set(client, left);
  }
}
