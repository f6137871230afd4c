/** Questions to another process that wait for their answer. */
export class Questions<Answer> {
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  readonly #patience: number;
  #lastId = 0;

  /** @param patience milliseconds that an answer may take */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /**
   * @param send gets the id that the answer has to name; false when there is nobody to ask
   * @returns undefined when no answer comes in time, or can come any more
   */
  ask(send: (id: number) => boolean): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const settle = (answer: Answer | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(settle, this.#patience, undefined);
      this.#waiting.set(id, settle);
      if (!send(id)) settle(undefined);
    });
  }

  answer(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
  }

  /** No answer will come any more. */
  close(): void {
    for (const settle of this.#waiting.values()) settle(undefined);
  }
}
