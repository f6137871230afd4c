/** Bounds the memory that many holders share: request bodies of the router, and unread answers of router and site. */

/** The bytes that one holder has taken. */
export interface MemoryClaim {
  bytes: number;
}

/**
 * A number of bytes for all holders together. When they run out, the holder that has waited longest for its client gives way:
 * a client that stands still must not keep the others from being served.
 */
export class MemoryLimit {
  readonly #maxBytes: number;
  #usedBytes = 0;
  /** The holders that wait for a client, the longest first, and how to end each. */
  readonly #waiting = new Map<MemoryClaim, () => void>();

  /** @param maxBytes for all holders together */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Takes bytes for a holder, and ends other holders that wait where there are too few left.
   * @returns false when the bytes are not there; the holder then has what it had
   */
  take(claim: MemoryClaim, bytes: number): boolean {
    while (this.#usedBytes + bytes > this.#maxBytes) {
      const [oldest] = this.#waiting;
      if (!oldest || oldest[0] === claim) return false;
      const [victim, end] = oldest;
      this.giveBack(victim);
      end();
    }
    claim.bytes += bytes;
    this.#usedBytes += bytes;
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
    this.#usedBytes -= bytes;
    claim.bytes -= bytes;
    if (claim.bytes === 0) this.#waiting.delete(claim);
  }
}
