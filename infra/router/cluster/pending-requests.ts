/** Requests to another process whose answers have not come yet. */
export class PendingRequests<Response> {
  readonly #waiting = new Map<number, (response: Response | undefined) => void>();
  readonly #timeoutMs: number;
  #lastId = 0;

  /** @param timeoutMs how long a response may take (ms) */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends a request and waits for its response.
   * @param send sends the request with an id, which the response must repeat; returns false when nobody can receive it
   * @returns the response; undefined when it does not come in time or can no longer come
   */
  request(send: (id: number) => boolean): Promise<Response | undefined> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const settle = (response: Response | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(response);
      };
      const timer = setTimeout(settle, this.#timeoutMs, undefined);
      this.#waiting.set(id, settle);
      if (!send(id)) settle(undefined);
    });
  }

  /** Hands a response to the request of that id; a response that comes too late has no effect. */
  resolve(id: number, response: Response): void {
    this.#waiting.get(id)?.(response);
  }

  /** Ends all requests without a response: the other process is gone. */
  cancelAll(): void {
    for (const settle of this.#waiting.values()) settle(undefined);
  }
}
