/**
 * Joins the reads of one turn of the event loop into one command for all items and one command a list.
 *
 * A joined command costs little more than a single read. ioredis' `enableAutoPipelining` was measured against it, see
 * infra/docs/decisions/022-read-batching.md.
 */
import { type CacheKey, itemKey, listKey } from '../keys.ts';

/** The names that one command reads: fields of a hash, or keys where `hash` is undefined. */
interface NamedReads {
  readonly hash: string | undefined;
  readonly names: string[];
}

/**
 * Sends one command for each of the given reads, of which the first is that of the items, even if there are none.
 * @returns the values of each, in the same order, and the epoch of all
 */
type Fetch = (reads: NamedReads[]) => Promise<{ epoch: string | null; values: (string | null)[][] }>;

/** A text, null if there is none, and the epoch that the cache had at that time. */
interface EpochValue {
  readonly value: string | null;
  readonly epoch: string | null;
}

type PendingReads = Map<string, PromiseWithResolvers<EpochValue>>;

/** Collects reads until the end of the turn, so that each command is sent after the last request of the turn has begun. */
export class ReadBatch {
  readonly #fetch: Fetch;
  #reads = noReads();
  #isScheduled = false;

  /** @param fetch sends the commands of a turn together */
  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** @returns what the next command reads under the key */
  get(key: CacheKey): Promise<EpochValue> {
    if (!this.#isScheduled) process.nextTick(() => this.#send());
    this.#isScheduled = true;
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
    const batch = [...this.#reads];
    this.#reads = noReads();
    this.#isScheduled = false;
    this.#fetch(batch.map(([hash, reads]) => ({ hash, names: [...reads.keys()] }))).then(
      ({ epoch, values }) => {
        for (const [command, [, reads]] of batch.entries()) {
          let index = 0;
          for (const { resolve } of reads.values()) resolve({ value: values[command]?.[index++] ?? null, epoch });
        }
      },
      (error) => {
        for (const [, reads] of batch) for (const { reject } of reads.values()) reject(error);
      },
    );
  }
}

/** Undefined stands for items, which have keys of their own; the other reads are fields of a list's hash. */
function noReads(): Map<string | undefined, PendingReads> {
  return new Map([[undefined, new Map()]]);
}
