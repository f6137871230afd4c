/**
 * Joins the reads of one turn of the event loop into one command a list and one command for all items.
 *
 * A joined command costs little more than a single read. ioredis' `enableAutoPipelining` was measured against it, see
 * infra/docs/decisions/022-read-batching.md.
 */
import { type CacheKey, itemKey, listKey } from '../keys.ts';

/** Reads several names at once: keys, or fields of one hash. @returns their values in the same order */
type Fetch = (hash: string | undefined, names: string[]) => Promise<(string | null)[]>;

type PendingReads = Map<string, PromiseWithResolvers<string | null>>;

/** Collects reads until the end of the turn, so that each command is sent after the last request of the turn has begun. */
export class ReadBatch {
  readonly #fetch: Fetch;
  /** Undefined stands for items, which have keys of their own; the other reads are fields of a list's hash. */
  #reads = new Map<string | undefined, PendingReads>();

  /** @param fetch sends one command */
  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** @returns the text that the next command reads under the key; null if there is none */
  get(key: CacheKey): Promise<string | null> {
    if (this.#reads.size === 0) process.nextTick(() => this.#send());
    const [hash, name] = 'id' in key ? [undefined, itemKey(key.resource, key.id)] : [listKey(key.resource), key.query];
    let reads = this.#reads.get(hash);
    if (reads === undefined) {
      reads = new Map();
      this.#reads.set(hash, reads);
    }
    let read = reads.get(name);
    if (read === undefined) {
      read = Promise.withResolvers();
      reads.set(name, read);
    }
    return read.promise;
  }

  #send(): void {
    const batch = this.#reads;
    this.#reads = new Map();
    for (const [hash, reads] of batch) {
      this.#fetch(hash, [...reads.keys()]).then(
        (values) => {
          let index = 0;
          for (const { resolve } of reads.values()) resolve(values[index++] ?? null);
        },
        (error) => {
          for (const { reject } of reads.values()) reject(error);
        },
      );
    }
  }
}
