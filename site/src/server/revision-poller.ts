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
  /** Everybody who listens, and the revision that each was told last. */
  #told = new Map<Listener, string | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #tag: string | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#told.size;
  }

  /** Calls back with the current revision and at each change, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#told.set(listener, undefined);
    // Asked at once: what was known a moment ago may be older than the page that listens.
    this.#schedule(0);
    return () => {
      this.#told.delete(listener);
      if (this.#told.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#tag = undefined;
    };
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
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
      if ((response.status !== 200 && response.status !== 304) || tag === null) return;
      this.#tag = tag;
      for (const [listener, told] of this.#told) {
        if (told === tag) continue;
        this.#told.set(listener, tag);
        listener(tag);
      }
    } catch {
      // The API is away: pages that need it say so, and the next poll tries again.
    }
  }
}
