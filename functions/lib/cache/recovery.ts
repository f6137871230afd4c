/**
 * Brings a revoked cache back into use, empty and with a new epoch.
 *
 * Any process may try at any time, and may stop at any point: each step fails if another process has taken over.
 */
import type { Engine } from '../database/engine.ts';
import { listResources } from '../database/resources.ts';
import { log } from '../logger.ts';
import { newToken } from '../token.ts';
import type { CacheState } from './cache-state.ts';
import type { CacheStore } from './cache-store.ts';

/** The shortest pause between two attempts of one process. A random part doubles it at most and keeps processes apart. */
const attemptPauseMs = 250;

/** The shortest pause between two recoveries of a full cache by one process. They would slow writes for nothing if the cache is
 * too small for anything. */
const fullPauseMs = 5_000;

/** Revokes and recovers the cache for one process. */
export class Recovery {
  readonly #database: Engine;
  readonly #store: CacheStore;
  readonly #state: CacheState;
  #nextAttemptAt = 0;
  #nextWhenFullAt = 0;
  #running: Promise<void> | undefined;
  /** Why the last attempt failed. */
  #failure: string | undefined;

  constructor(database: Engine, store: CacheStore, state: CacheState) {
    this.#database = database;
    this.#store = store;
    this.#state = state;
  }

  /**
   * Revokes the cache, if its epoch is still the given one.
   * @param reason for the log
   */
  async revoke(epoch: string, reason: string): Promise<void> {
    if (await this.#state.revoke(epoch)) log.warn('The cache is revoked until it has been emptied', { reason });
  }

  /** Revokes the cache and recovers it, in the background. */
  startAfter(epoch: string, reason: string): void {
    this.#start(() => this.revoke(epoch, reason).then(() => this.attempt()));
  }

  /** Empties a full cache, in the background: nothing else removes values before their TTL ends. */
  startWhenFull(epoch: string): void {
    if (performance.now() < this.#nextWhenFullAt) return;
    this.#nextWhenFullAt = performance.now() + fullPauseMs;
    this.startAfter(epoch, 'the cache is full');
  }

  /** Revokes the cache in the background, however long the database takes to allow that, and then recovers it. */
  keepRevoking(epoch: string, reason: string): void {
    const attempt = () =>
      this.revoke(epoch, reason).then(
        () => this.start(),
        () => void setTimeout(attempt, attemptPauseMs).unref(),
      );
    void attempt();
  }

  /** Recovers the cache in the background, unless the last attempt was a moment ago. */
  start(): void {
    this.#start(() => this.attempt());
  }

  /** Makes one attempt. @returns whether the cache may be used now */
  async attempt(): Promise<boolean> {
    await this.#store.ready();
    const { instance } = this.#store;
    if (instance === undefined) {
      // Other processes use the cache until they have looked at its settings, too.
      const reason = 'the cache may have evicted tombstones';
      if (this.#store.fault === 'eviction-policy') await this.revoke((await this.#state.refresh()).epoch, reason);
      return false;
    }
    let row = await this.#state.refresh();
    if (row.isCurrent && row.instance === instance) return true;
    if (!row.isCurrent || row.instance !== null) {
      await this.revoke(row.epoch, 'the cache or the database is another one than before');
      row = await this.#state.refresh();
      if (!row.isCurrent) return false;
      if (row.instance !== null) return row.instance === instance;
    }
    await this.#state.waitUntilNoticed(row);
    const epoch = await this.#state.renewEpoch(row.epoch);
    if (epoch === undefined) return false;
    const resources = await this.#database.use(listResources);
    const token = newToken();
    await this.#store.claim(token);
    if (!(await this.#store.clear(token, resources)) || !(await this.#store.open(token, epoch))) return false;
    // The store may have reconnected in the meantime. Then the commands above may have emptied another instance.
    if (this.#store.instance !== instance || !(await this.#state.restore(epoch, instance))) return false;
    log.info('The cache is empty and in use again', { instance });
    return true;
  }

  #start(attempt: () => Promise<unknown>): void {
    if (this.#running !== undefined || performance.now() < this.#nextAttemptAt) return;
    this.#nextAttemptAt = performance.now() + attemptPauseMs * (1 + Math.random());
    this.#running = attempt()
      .then(
        () => {
          this.#failure = undefined;
        },
        // The cache can't be reached, or the database is locked. A later request starts another attempt.
        ({ message }: Error) => {
          if (message !== this.#failure)
            log.warn('The cache could not be emptied, so it is not used', { reason: message });
          this.#failure = message;
        },
      )
      .finally(() => {
        this.#running = undefined;
      });
  }
}
