/** Lets reads of tables run one at a time, shares the reader's time between clients, and drops reads that nobody waits for. */
import { performance } from 'node:perf_hooks';
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
  /** The size of the file. */
  bytes: number;
}

/** The expected time of a read: text takes a seventh of it, and a spreadsheet twice as much. */
const bytesPerMs = 1_024;

interface Read extends Reader {
  controller: AbortController;
  start: () => Promise<void>;
  refuse: (reason: unknown) => void;
}

/**
 * The reads of one site process. The next read is the one that would end first if the clients shared the reader evenly
 * (weighted fair queueing). So a small file waits for the read that runs, and hardly for the large files of others.
 * @see infra/docs/decisions/044-turns-by-client.md
 */
export class ReadQueue {
  readonly #maxWaiting: number;
  readonly #now: () => number;
  #running: Read | undefined;
  readonly #waiting = new ClientTurns<Read>();
  /** The time (ms) that a client with an even share of the reader would have had since the queue was empty. */
  #fairMs = 0;
  /** The time (ms) that each client has had, counted from the fair time at its first read. */
  readonly #usedMs = new Map<string, number>();

  /**
   * @param maxWaiting how many reads may wait for the one that runs
   * @param now the clock (ms)
   */
  constructor(maxWaiting: number, now = () => performance.now()) {
    this.#maxWaiting = maxWaiting;
    this.#now = now;
  }

  /**
   * Runs a read when its turn comes. A newer read of the same job replaces an older one, because a person who presses a
   * button twice waits for the second answer only. When too many wait, the newest read of the client that has the most gives way.
   * @param request aborts when the request is closed
   * @param work reads the file, obeys the signal while it reads, and stores the result. The next read waits for its end.
   * @throws {ReadRefused}
   */
  async run<Result>(
    { id, client, bytes }: Reader,
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
    const read: Read = { id, client, bytes, controller, start, refuse: reject };
    const close = () => this.#drop(read);
    request.addEventListener('abort', close, { once: true });
    this.#waiting.push(client, read);
    if (!this.#usedMs.has(client)) this.#usedMs.set(client, this.#fairMs);
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
    const endOf = ({ client, bytes }: Read) => (this.#usedMs.get(client) ?? 0) + bytes / bytesPerMs;
    const [first, ...others] = this.#waiting.all();
    if (!first) return;
    const read = others.reduce((best, other) => (endOf(other) < endOf(best) ? other : best), first);
    this.#waiting.remove(read.client, read);
    this.#running = read;
    const startedAt = this.#now();
    void read.start().then(() => {
      this.#running = undefined;
      this.#charge(read.client, this.#now() - startedAt);
      this.#next();
    });
  }

  /** Charges a client for a read, and forgets clients without a read, unless they have had more than an even share. */
  #charge(client: string, readMs: number): void {
    const active = new Set(this.#waiting.all().map((read) => read.client));
    const isEmpty = active.size === 0;
    this.#fairMs = isEmpty ? 0 : this.#fairMs + readMs / active.add(client).size;
    this.#usedMs.set(client, (this.#usedMs.get(client) ?? 0) + readMs);
    for (const [other, usedMs] of this.#usedMs) {
      if (isEmpty || (usedMs <= this.#fairMs && this.#waiting.waitingOf(other) === 0)) this.#usedMs.delete(other);
    }
  }
}
