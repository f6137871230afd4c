/** Notices that sessions have ended, for the event streams that they opened. */

/** The parts that a watch works with. */
export interface SessionWatchOptions {
  /** The time between two questions about one session. */
  intervalMs: number;
  /** Asks the API whether a session goes on. @returns undefined where the API can't tell */
  isActive: (session: string, forwardedFor: string) => Promise<boolean | undefined>;
}

interface Watched {
  listeners: Set<() => void>;
  timer: NodeJS.Timeout;
}

/** Asks about each session once an interval, however many streams it has. */
export class SessionWatch {
  readonly #options: SessionWatchOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: SessionWatchOptions) {
    this.#options = options;
  }

  /**
   * Calls a function once, when the session has ended.
   * @param session its token
   * @param forwardedFor the X-Forwarded-For of the request that the session sent
   * @returns a function that stops watching
   */
  watch(session: string, forwardedFor: string, onEnd: () => void): () => void {
    const watched = this.#watched.get(session) ?? this.#begin(session, forwardedFor);
    watched.listeners.add(onEnd);
    return () => {
      watched.listeners.delete(onEnd);
      if (watched.listeners.size === 0) this.#forget(session, watched);
    };
  }

  /** Tells that a session has ended, before the API is asked again. */
  end(session: string): void {
    const watched = this.#watched.get(session);
    if (!watched) return;
    this.#forget(session, watched);
    for (const onEnd of watched.listeners) onEnd();
  }

  #begin(session: string, forwardedFor: string): Watched {
    const ask = async () => {
      const isActive = await this.#options.isActive(session, forwardedFor);
      if (this.#watched.get(session) !== watched) return;
      if (isActive === false) this.end(session);
      else watched.timer = setTimeout(ask, this.#options.intervalMs);
    };
    const watched: Watched = { listeners: new Set(), timer: setTimeout(ask, this.#options.intervalMs) };
    this.#watched.set(session, watched);
    return watched;
  }

  #forget(session: string, watched: Watched): void {
    clearTimeout(watched.timer);
    if (this.#watched.get(session) === watched) this.#watched.delete(session);
  }
}
