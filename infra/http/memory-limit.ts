/** Bounds the memory that many holders share: request bodies of the router, and forms and unread answers of the site. */

/** The bytes that one holder has taken. */
export interface MemoryClaim {
  bytes: number;
  /** The key of the holder's client, by `clientKey`. Holders without one count as those of one client. */
  client?: string | undefined;
}

/**
 * Lets a client have as many bytes as are left. So one client leaves a half, and each further one a half of the rest. Bytes
 * that are given back are shared among all.
 * @param leastBytes a client may have as many, as far as they are there
 * @see https://doi.org/10.1109/90.664262 dynamic thresholds for the queues that share a switch's memory
 */
export function shareOfFree(leastBytes: number): (freeBytes: number) => number {
  return (freeBytes) => Math.max(leastBytes, freeBytes);
}

/**
 * A number of bytes for all holders together. When they run out, a holder that waits for its client gives way: the one that has
 * waited longest, of the client that has the most bytes. So a client that stands still does not keep the others from being served.
 */
export class MemoryLimit {
  readonly #maxBytes: number;
  readonly #maxClientBytes: (freeBytes: number) => number;
  #usedBytes = 0;
  readonly #clientBytes = new Map<string | undefined, number>();
  /** The holders that wait for a client, the longest first, and how to end each. */
  readonly #waiting = new Map<MemoryClaim, () => void>();

  /**
   * @param maxBytes       for all holders together
   * @param maxClientBytes for the holders of one client, or a function of the bytes that would be left: see `shareOfFree`
   */
  constructor(maxBytes: number, maxClientBytes: number | ((freeBytes: number) => number) = maxBytes) {
    this.#maxBytes = maxBytes;
    this.#maxClientBytes = typeof maxClientBytes === 'number' ? () => maxClientBytes : maxClientBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** @returns whether a client has no room for more bytes, whatever the others have */
  isClientFull(client: string | undefined, bytes: number): boolean {
    return this.#bytesOf(client) + bytes > this.#maxClientBytes(this.#maxBytes - this.#usedBytes - bytes);
  }

  /**
   * Takes bytes for a holder, and ends other holders that wait where there are too few left.
   * @returns false when the bytes are not there; the holder then has what it had
   */
  take(claim: MemoryClaim, bytes: number): boolean {
    const { client } = claim;
    for (;;) {
      const isClientFull = this.isClientFull(client, bytes);
      if (!isClientFull && this.#usedBytes + bytes <= this.#maxBytes) break;
      const victim = isClientFull ? this.#oldestOf(client) : this.#oldestOfBusiest();
      if (!victim || victim === claim) return false;
      const end = this.#waiting.get(victim);
      this.giveBack(victim);
      end?.();
    }
    this.#add(claim, bytes);
    return true;
  }

  /**
   * Marks a holder as one that waits for its client.
   * @param end called at most once, when it gives way; its bytes are given back by then
   */
  waits(claim: MemoryClaim, end: () => void): void {
    if (!this.#waiting.has(claim)) this.#waiting.set(claim, end);
  }

  /** Marks a holder as one that does not wait any more. It keeps its bytes. */
  goesOn(claim: MemoryClaim): void {
    this.#waiting.delete(claim);
  }

  /** Gives bytes back; all of them if left out. */
  giveBack(claim: MemoryClaim, bytes = claim.bytes): void {
    this.#add(claim, -bytes);
    if (claim.bytes === 0) this.#waiting.delete(claim);
  }

  #bytesOf(client: string | undefined): number {
    return this.#clientBytes.get(client) ?? 0;
  }

  #add(claim: MemoryClaim, bytes: number): void {
    claim.bytes += bytes;
    this.#usedBytes += bytes;
    const ofClient = this.#bytesOf(claim.client) + bytes;
    if (ofClient === 0) this.#clientBytes.delete(claim.client);
    else this.#clientBytes.set(claim.client, ofClient);
  }

  #oldestOf(client: string | undefined): MemoryClaim | undefined {
    for (const claim of this.#waiting.keys()) if (claim.client === client) return claim;
    return undefined;
  }

  #oldestOfBusiest(): MemoryClaim | undefined {
    let busiest: MemoryClaim | undefined;
    for (const claim of this.#waiting.keys())
      if (!busiest || this.#bytesOf(claim.client) > this.#bytesOf(busiest.client)) busiest = claim;
    return busiest;
  }
}
