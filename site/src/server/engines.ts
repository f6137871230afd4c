/** Remembers which database and cache the API uses, so that pages name them without a request for each page. */
import type { Api, Result } from '../lib/api-client.ts';
import { type ApiHealth, type Engines, readHealth } from '../lib/api-health.ts';

/** A change of the engines is a restart of the API, which takes longer. */
const lifetimeMs = 10_000;

/** Knows the latest answer of `GET /health`, and asks again in the background when it is old. */
export class EngineMemory {
  #known: Engines = {};
  #asking: Promise<void> | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Waits for the API only before its first answer.
   * @param now milliseconds of a monotonic clock
   */
  async read(api: Pick<Api, 'ask'>, now = performance.now()): Promise<Engines> {
    if (now >= this.#askedAtMs + lifetimeMs) {
      this.#askedAtMs = now;
      this.#asking = this.#ask(api);
    }
    if (!this.#known.databaseEngine) await this.#asking;
    return this.#known;
  }

  async #ask(api: Pick<Api, 'ask'>): Promise<void> {
    const { databaseEngine, cacheEngine } = healthOf(await api.ask<unknown>('/health'));
    if (databaseEngine) this.#known = { databaseEngine, cacheEngine };
  }
}

/** The memory of this server. */
export const engineMemory = new EngineMemory();

/** @returns the health that an answer tells; that of a failed health check names the failed part */
export function healthOf(result: Result<unknown>): ApiHealth {
  if (result.ok) return readHealth(result.answer.body);
  return readHealth(result.failure.kind === 'problem' ? result.failure.problem : undefined);
}
