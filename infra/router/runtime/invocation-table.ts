/** A table of invocations in flight, for thousands of additions and removals a second. */

/**
 * Keeps entries under numbers that it gives out.
 *
 * A Map is no substitute. V8 replaces a Map's table after a number of changes, and each replaced table refers to the next
 * one. Once one of them is in old space, every entry that follows stays alive until the next full collection (decision 015).
 */
export class InvocationTable<T> {
  readonly #entries: Record<number, T> = Object.create(null);
  #size = 0;
  #last = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the entry's number: 32 bits, never 0 */
  add(entry: T): number {
    this.#last = (this.#last + 1) >>> 0 || 1;
    this.#entries[this.#last] = entry;
    this.#size++;
    return this.#last;
  }

  get(number: number): T | undefined {
    return this.#entries[number];
  }

  /** @returns the entry that had the number */
  remove(number: number): T | undefined {
    const entry = this.#entries[number];
    if (entry === undefined) return undefined;
    delete this.#entries[number];
    this.#size--;
    return entry;
  }

  /** @returns the entries, in the order of their numbers */
  all(): T[] {
    return Object.values(this.#entries);
  }
}
