/** Lets reads of tables run one at a time by turns of their clients, and drops those that nobody waits for any more. */
import { ClientTurns } from '../../../../../infra/http/client-turns.ts';

/** A read was refused: too many others wait, it gave way to another client, a newer request replaced it, or its request was closed. */
export class ReadRefused extends Error {
  override name = 'ReadRefused';
}

/** A client that waits to have a file read. */
export interface Reader {
  /** The id of the job. A job has one read at most. */
  id: string;
  /** The key of the client. */
  client: string;
}

interface Read extends Reader {
  controller: AbortController;
  start: () => Promise<void>;
  refuse: (reason: unknown) => void;
}

/** The reads of one site process. @see infra/docs/decisions/044-turns-by-client.md */
export class ReadQueue {
  readonly #maxWaiting: number;
  #running: Read | undefined;
  readonly #waiting = new ClientTurns<Read>();
  /** The clients that have had a turn since the queue was empty. The others have their first turn before them. */
  readonly #served = new Set<string>();

  /** @param maxWaiting how many reads may wait for the one that runs */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Runs a read when its turn comes. A newer read of the same job replaces an older one, because a person who presses a
   * button twice waits for the second answer only. When too many wait, the newest read of the client that has the most gives way.
   * @param request aborts when the request is closed
   * @param work reads the file, obeys the signal while it reads, and stores the result. The next read waits for its end.
   * @throws {ReadRefused}
   */
  async run<Result>(
    { id, client }: Reader,
    request: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    for (const read of [...this.#waiting.all(), this.#running]) if (read?.id === id) this.#drop(read);
    if (request.aborted) throw new ReadRefused('The request is closed.');
    if (this.#waiting.length >= this.#maxWaiting) {
      const other = this.#waiting.newestOfBusiest(client);
      if (!other) throw new ReadRefused('Too many files wait. Try again later.');
      this.#drop(other);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const controller = new AbortController();
    const start = () => work(controller.signal).then(resolve, reject);
    const read: Read = { id, client, controller, start, refuse: reject };
    const close = () => this.#drop(read);
    request.addEventListener('abort', close, { once: true });
    this.#waiting.push(client, read);
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
    this.#waiting.remove(read.client, read);
    read.controller.abort(reason);
  }

  #next(): void {
    if (this.#running) return;
    const read = this.#waiting.take((client) => !this.#served.has(String(client))) ?? this.#waiting.take(() => true);
    this.#running = read;
    if (read) this.#served.add(read.client);
    if (this.#waiting.length === 0) this.#served.clear();
    void read?.start().then(() => {
      this.#running = undefined;
      this.#next();
    });
  }
}
