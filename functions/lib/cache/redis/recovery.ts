/**
 * From a cache that nobody trusts back to one that everybody may use: empty, and of a new epoch.
 *
 * Any process may try, at any time, and be stopped anywhere: each step fails if another process has taken over.
 */
import { log } from '../../logger.ts';
import { newToken } from '../places.ts';
import type { CacheStore } from '../store.ts';
import type { TrustRow } from '../trust.ts';

/** Milliseconds between two attempts of one process; up to as many again at random, for processes to keep apart. */
const interval = 250;

export class Recovery {
  readonly #store: CacheStore;
  readonly #trust: TrustRow;
  #nextAttempt = 0;
  #running: Promise<void> | undefined;

  constructor(store: CacheStore, trust: TrustRow) {
    this.#store = store;
    this.#trust = trust;
  }

  /** Takes the trust away if it is still that of this epoch. */
  async distrust(epoch: string, reason: string): Promise<void> {
    if (await this.#trust.lose(epoch)) log.warn('The cache is not used until it has been emptied', { reason });
  }

  /** The same in the background. */
  startAfter(epoch: string, reason: string): void {
    this.#start(() => this.distrust(epoch, reason).then(() => this.attempt()));
  }

  /** Tries in the background, unless it is too early after the last attempt. */
  start(): void {
    this.#start(() => this.attempt());
  }

  /** One attempt. @returns whether the cache is trusted afterwards */
  async attempt(): Promise<boolean> {
    await this.#store.ready();
    const { instance } = this.#store;
    if (instance === undefined) return false;
    let trust = await this.#trust.refresh();
    if (trust.instance === instance) return true;
    if (trust.instance !== null) {
      await this.distrust(trust.epoch, 'it is another instance than before');
      trust = await this.#trust.refresh();
      if (trust.instance !== null) return trust.instance === instance;
    }
    await this.#trust.noticed(trust.lapses);
    const epoch = await this.#trust.renew(trust.epoch);
    if (epoch === undefined) return false;
    const token = newToken();
    await this.#store.claim(token);
    if (!(await this.#store.clear(token)) || !(await this.#store.open(token, epoch))) return false;
    // A connection that was replaced meanwhile may lead to another instance than the one that was emptied.
    if (this.#store.instance !== instance || !(await this.#trust.regain(epoch, instance))) return false;
    log.info('The cache is empty and in use again', { instance });
    return true;
  }

  #start(attempt: () => Promise<unknown>): void {
    if (this.#running !== undefined || performance.now() < this.#nextAttempt) return;
    this.#nextAttempt = performance.now() + interval * (1 + Math.random());
    this.#running = attempt()
      .then(() => {})
      .catch(() => {
        // The cache is away, or the database is locked: a later request tries again.
      })
      .finally(() => {
        this.#running = undefined;
      });
  }
}
