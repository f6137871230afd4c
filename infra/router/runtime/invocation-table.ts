/**
 * Things by number, for what comes and goes thousands of times a second.
 *
 * Maps and Sets are not for that: V8 gives them a new table every so many changes, and has each table that was replaced
 * point to its successor. Once one of them is old, all that follow stay alive with it, and whatever was in them, until
 * the whole heap is looked through.
 */
export class Register<T> {
  readonly #entries: Record<number, T> = Object.create(null);
  #size = 0;
  #last = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the entry's number, of 32 bits and never 0 */
  add(entry: T): number {
    this.#last = (this.#last + 1) >>> 0 || 1;
    this.#entries[this.#last] = entry;
    this.#size++;
    return this.#last;
  }

  get(number: number): T | undefined {
    return this.#entries[number];
  }

  /** @returns what had the number, if anything did */
  remove(number: number): T | undefined {
    const entry = this.#entries[number];
    if (entry === undefined) return undefined;
    delete this.#entries[number];
    this.#size--;
    return entry;
  }

  /** @returns the entries, the oldest first */
  all(): T[] {
    return Object.values(this.#entries);
  }
}
