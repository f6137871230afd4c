/** Polls the API for the revision of all users, while at least one page listens (decision 010). */

/** `send` stands in for fetch in tests. */
export interface RevisionPollerOptions {
  apiUrl: URL;
  intervalMs: number;
  timeoutMs: number;
  /** Reads the API key of the polls; left out where the API asks for none. */
  readKey?: () => Promise<string | undefined>;
  /** Called when the API refuses a key again that it refused before. */
  onRefused?: () => void;
  send?: typeof fetch;
}

type Listener = (revision: string) => void;

/** One poller serves all listeners, so the API gets one request an interval, however many pages are open. */
export class RevisionPoller {
  #options: RevisionPollerOptions;
  /** Each listener with the revision that it was last told. */
  #listeners = new Map<Listener, string | undefined>();
  #timer: NodeJS.Timeout | undefined;
  /** The ETag of the list, which changes with every write. */
  #revision: string | undefined;
  /** The key, until the API refuses it. */
  #key: string | undefined;
  #refused: string | undefined;

  constructor(options: RevisionPollerOptions) {
    this.#options = options;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /**
   * Calls the listener with the current revision and at each change.
   * @returns a function that ends this
   */
  listen(listener: Listener): () => void {
    this.#listeners.set(listener, undefined);
    // Poll now: the revision of the last poll may be older than the page that begins to listen.
    this.#schedule(0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#revision = undefined;
    };
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(async () => {
      await this.#poll();
      // A call of listen() during the poll has set a timer of its own.
      if (this.#timer === timer) this.#schedule(this.#options.intervalMs);
    }, delayMs);
    this.#timer = timer;
  }

  /** A start of the API may have made another key. */
  #forgetKey(): void {
    if (this.#key !== undefined && this.#key === this.#refused) this.#options.onRefused?.();
    this.#refused = this.#key;
    this.#key = undefined;
  }

  async #poll(): Promise<void> {
    const { apiUrl, timeoutMs, readKey, send = fetch } = this.#options;
    try {
      this.#key ??= await readKey?.();
      const response = await send(`${apiUrl.href.replace(/\/$/, '')}/users?limit=1`, {
        headers: {
          ...(this.#revision !== undefined && { 'if-none-match': this.#revision }),
          ...(this.#key !== undefined && { 'x-api-key': this.#key }),
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      // fetch frees the connection only after the body is read.
      await response.arrayBuffer();
      if (response.status === 401) this.#forgetKey();
      const revision = response.headers.get('etag');
      if ((response.status !== 200 && response.status !== 304) || revision === null) return;
      this.#revision = revision;
      for (const [listener, told] of this.#listeners) {
        if (told === revision) continue;
        this.#listeners.set(listener, revision);
        listener(revision);
      }
    } catch {
      // The API is away. The pages notice by their own requests, and the next poll tries again.
    }
  }
}
