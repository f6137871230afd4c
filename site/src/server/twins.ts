/** Remembers whether users share an e-mail, so that the list leads to them without a request for each page. */
import type { Api } from '../lib/api-client.ts';

/** Twins come with an upgrade of the API alone, so an answer without any holds for long. */
const noneLifetimeMs = 60 * 60_000;
const someLifetimeMs = 60_000;

/** Knows the latest answer of the API, and asks again in the background when it is old. */
export class TwinsNotice {
  #hasTwins = false;
  #nextCheckMs = 0;

  /**
   * @param now milliseconds of a monotonic clock
   * @returns whether there were twins when the API was asked last
   */
  read(api: Pick<Api, 'twins'>, now = performance.now()): boolean {
    if (now >= this.#nextCheckMs) {
      this.#nextCheckMs = now + someLifetimeMs;
      void this.#refresh(api, now);
    }
    return this.#hasTwins;
  }

  async #refresh(api: Pick<Api, 'twins'>, now: number): Promise<void> {
    const result = await api.twins();
    if (!result.ok) return;
    this.#hasTwins = result.answer.body.twins.length > 0;
    if (!this.#hasTwins) this.#nextCheckMs = now + noneLifetimeMs;
  }
}

/** The notice of this server. */
export const twinsNotice = new TwinsNotice();
