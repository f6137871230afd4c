/** Limits the streamed answers that are under way, so that one client can't take them all. */

/** Why a stream can't begin: its client has too many, or all clients together have. */
export type StreamRefusal = 'client' | 'all';

/** Counts the streams that are under way. */
export class StreamLimit {
  readonly #max: number;
  readonly #maxPerClient: number;
  #count = 0;
  readonly #byClient = new Map<string, number>();

  /**
   * @param max          streams of all clients
   * @param maxPerClient streams of one client
   */
  constructor(max: number, maxPerClient: number) {
    this.#max = max;
    this.#maxPerClient = maxPerClient;
  }

  /**
   * Counts a stream that begins.
   * @param client its address
   * @returns a function to call once when it has ended, or why it can't begin
   */
  begin(client: string): (() => void) | StreamRefusal {
    const own = this.#byClient.get(client) ?? 0;
    if (own >= this.#maxPerClient) return 'client';
    if (this.#count >= this.#max) return 'all';
    this.#count++;
    this.#byClient.set(client, own + 1);
    return () => {
      this.#count--;
      const left = (this.#byClient.get(client) ?? 1) - 1;
      if (left === 0) this.#byClient.delete(client);
      else this.#byClient.set(client, left);
    };
  }
}
