/** Asks the API once in a while whether any user changed, as long as somebody wants to know. */

export interface LiveOptions {
  apiUrl: URL;
  interval: number;
  timeout: number;
  send?: typeof fetch;
}

type Listener = (revision: string) => void;

export class Live {
  #options: LiveOptions;
  #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #tag: string | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Calls back with the current revision as soon as it is known and at each change, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) this.#schedule(0);
    else if (this.#tag !== undefined) listener(this.#tag);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#tag = undefined;
    };
  }

  #schedule(delay: number): void {
    const timer = setTimeout(async () => {
      await this.#poll();
      if (this.#timer === timer) this.#schedule(this.#options.interval);
    }, delay);
    this.#timer = timer;
  }

  async #poll(): Promise<void> {
    const { apiUrl, timeout, send = fetch } = this.#options;
    try {
      const response = await send(`${apiUrl.href.replace(/\/$/, '')}/users?limit=1`, {
        headers: this.#tag === undefined ? {} : { 'if-none-match': this.#tag },
        signal: AbortSignal.timeout(timeout),
      });
      await response.arrayBuffer();
      const tag = response.headers.get('etag');
      if (response.status !== 200 || tag === null || tag === this.#tag) return;
      this.#tag = tag;
      for (const listener of this.#listeners) listener(tag);
    } catch {
      // The API is away: pages that need it say so, and the next poll tries again.
    }
  }
}
