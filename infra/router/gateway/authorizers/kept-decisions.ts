/** Keeps the decisions of one authorizer for a time, and lets equal requests share the call that makes one. */
import type { LRUCache } from 'lru-cache';

/** The memory that all authorizers share: decisions by authorizer and identity. */
export type DecisionStore = LRUCache<string, object>;

/** Memory that a kept decision takes beside its key (bytes), about. */
const entryBytes = 1024;

/** @typeParam Value the form in which the authorizer keeps a decision */
export class KeptDecisions<Value extends object> {
  readonly #store: DecisionStore;
  readonly #prefix: string;
  readonly #inFlight = new Map<string, Promise<Value | undefined>>();

  /** @param prefix tells this authorizer's keys from others' */
  constructor(store: DecisionStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** @returns a decision that is still valid */
  get(key: string): Value | undefined {
    return this.#store.get(this.#prefix + key) as Value | undefined;
  }

  /**
   * Makes a decision, once for all requests that ask for it at the same time.
   * @param make returns the decision and how long it is valid (ms)
   * @throws the error of `make`, which nobody keeps
   */
  share(key: string, make: () => Promise<{ value: Value; validMs: number }>): Promise<Value> {
    const current = this.#inFlight.get(key);
    if (current) return current as Promise<Value>;
    const making = make()
      .then(({ value, validMs }) => {
        const whole = this.#prefix + key;
        if (validMs >= 1) this.#store.set(whole, value, { ttl: validMs, size: 2 * whole.length + entryBytes });
        return value;
      })
      .finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, making);
    return making;
  }
}
