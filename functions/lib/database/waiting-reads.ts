/** Holds the reads that wait for the database, by client. */

type Client = string | undefined;
type Begin = () => void;

/** Reads that wait. Clients take turns, and the reads of one client keep their order. */
export class WaitingReads {
  length = 0;
  /** The first client has the next turn. A client without a waiting read has no entry. */
  readonly #byClient = new Map<Client, Begin[]>();

  push(client: Client, begin: Begin): void {
    const own = this.#byClient.get(client);
    if (own) own.push(begin);
    else this.#byClient.set(client, [begin]);
    this.length++;
  }

  /** Removes the next read in turn. @returns undefined if none waits */
  shift(): Begin | undefined {
    const [next] = this.#byClient;
    if (next === undefined) return undefined;
    const [client, own] = next;
    this.#byClient.delete(client);
    if (own.length > 1) this.#byClient.set(client, own);
    this.length--;
    return own.shift();
  }

  /** Removes a read that waits no longer. */
  remove(client: Client, begin: Begin): void {
    const own = this.#byClient.get(client) ?? [];
    const at = own.indexOf(begin);
    if (at === -1) return;
    own.splice(at, 1);
    this.length--;
    if (own.length === 0) this.#byClient.delete(client);
  }

  /** @returns how many reads would have their turn before one more of this client */
  ahead(client: Client): number {
    const turns = (this.#byClient.get(client)?.length ?? 0) + 1;
    let ahead = turns - 1;
    for (const [other, own] of this.#byClient) if (other !== client) ahead += Math.min(own.length, turns);
    return ahead;
  }
}
