/** Lets reads of tables run one at a time, and drops those that nobody waits for any more. */

/** A read was refused: too many others wait, a newer request replaced it, or its request was closed. */
export class ReadRefused extends Error {
  override name = 'ReadRefused';
}

interface Read {
  /** The id of the job. A job has one read at most. */
  id: string;
  controller: AbortController;
  start: () => Promise<void>;
  refuse: (reason: unknown) => void;
}

/** The reads of one site process, in the order of their arrival. */
export class ReadQueue {
  readonly #maxWaiting: number;
  #running: Read | undefined;
  #waiting: Read[] = [];

  /** @param maxWaiting how many reads may wait for the one that runs */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs a read when its turn comes. A newer read of the same job replaces an older one, because a person who presses a
   * button twice waits for the second answer only.
   * @param id the id of the job
   * @param request aborts when the request is closed
   * @param work reads the file, obeys the signal while it reads, and stores the result. The next read waits for its end.
   * @throws {ReadRefused}
   */
  async run<Result>(id: string, request: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    for (const read of [...this.#waiting, this.#running]) if (read?.id === id) this.#drop(read);
    if (request.aborted) throw new ReadRefused('The request is closed.');
    if (this.#waiting.length >= this.#maxWaiting) throw new ReadRefused('Too many files wait. Try again later.');
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const controller = new AbortController();
    const start = () => work(controller.signal).then(resolve, reject);
    const read: Read = { id, controller, start, refuse: reject };
    const close = () => this.#drop(read);
    request.addEventListener('abort', close, { once: true });
    this.#waiting.push(read);
    this.#next();
    try {
      return await promise;
    } finally {
      request.removeEventListener('abort', close);
    }
  }

  /** A read that waits ends here. A read that runs ends by its signal, as soon as it can. */
  #drop(read: Read): void {
    const reason = new ReadRefused('Nobody waits for this read any more.');
    if (read !== this.#running) read.refuse(reason);
    this.#waiting = this.#waiting.filter((other) => other !== read);
    read.controller.abort(reason);
  }

  #next(): void {
    if (this.#running) return;
    const read = this.#waiting.shift();
    this.#running = read;
    void read?.start().then(() => {
      this.#running = undefined;
      this.#next();
    });
  }
}
