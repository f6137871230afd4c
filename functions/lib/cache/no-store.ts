/**
 * No cache at all: PostgreSQL without Redis. An embedded cache belongs to one machine, and each machine's writes would revoke
 * the caches of the others.
 */
import type { CacheStore } from './cache-store.ts';

/** Never has an instance, so every read goes to the database and no other method is called. */
export class NoStore implements CacheStore {
  readonly engine = 'none';
  readonly fault = 'none';
  readonly instance = undefined;

  async ready(): Promise<void> {}

  get(): null {
    return null;
  }

  lease(): never {
    throw new NoCache();
  }

  fill(): never {
    throw new NoCache();
  }

  release(): never {
    throw new NoCache();
  }

  begin(): never {
    throw new NoCache();
  }

  finish(): never {
    throw new NoCache();
  }

  claim(): never {
    throw new NoCache();
  }

  clear(): never {
    throw new NoCache();
  }

  open(): never {
    throw new NoCache();
  }

  close(): void {}
}

/** There is no cache, so no operation on it can succeed. */
class NoCache extends Error {
  override readonly name = 'NoCache';
}
