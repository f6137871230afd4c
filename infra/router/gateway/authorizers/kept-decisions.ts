/** Keeps the decisions of one authorizer for a time, and lets equal requests share the call that makes one. */
import { createHash } from 'node:crypto';
import type { LRUCache } from 'lru-cache';

/** The memory that all authorizers share: decisions by authorizer and identity. */
export type DecisionStore = LRUCache<string, Entry>;

/** `until` is a time of `performance.now()`. The store's own times of life would start a timer each millisecond. */
interface Entry {
  value: object;
  until: number;
}

/** Memory that a kept decision takes beside its key (bytes), about. */
const entryBytes = 1024;

/** @typeParam Value the form in which the authorizer keeps a decision */
export class KeptDecisions<Value extends object> {
  readonly #store: DecisionStore;
  readonly #prefix: string;
  readonly #inFlight = new Map<string, Promise<Value | undefined>>();

  /** @param name tells this authorizer's keys from others'; it may be long */
  constructor(store: DecisionStore, name: string) {
    this.#store = store;
    // Every request reads the whole key.
    this.#prefix = createHash('sha256').update(name).digest('base64');
  }

  /** @returns a decision that is still valid */
  get(key: string): Value | undefined {
    const entry = this.#store.get(this.#prefix + key);
    return entry && entry.until > performance.now() ? (entry.value as Value) : undefined;
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
        const entry = { value, until: performance.now() + validMs };
        if (validMs >= 1) this.#store.set(whole, entry, { size: 2 * whole.length + entryBytes });
        return value;
      })
      .finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, making);
    return making;
  }
}
