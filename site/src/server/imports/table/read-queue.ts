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

/** The expected time of a read beyond its start: text takes a seventh of it, and a spreadsheet twice as much. */
const bytesPerMs = 1_024;
/** The expected time of a read of no bytes, which starts a process on a busy machine. */
const startMs = 500;
/** How many clients whose reads took longer than expected are remembered. */
const maxSlowClients = 1_000;

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
  /** How many times longer than expected the last read of a client took, where it took longer. Oldest first. */
  readonly #slowness = new Map<string, number>();

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
   * button twice waits for the second answer only. When too many wait, the read gives way that would end last
   * if the clients shared the reader evenly.
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
    if (!this.#usedMs.has(client)) this.#usedMs.set(client, this.#fairMs);
    if (this.#waiting.length >= this.#maxWaiting) this.#makeRoom({ id, client, bytes });
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const controller = new AbortController();
    const start = () => work(controller.signal).then(resolve, reject);
    const read: Read = { id, client, bytes, controller, start, refuse: reject };
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

  /** Drops the waiting read that would end last. @throws {ReadRefused} when that is the new one */
  #makeRoom(newcomer: Reader): void {
    const ends = new Map<string, number>();
    const endOf = (read: Reader) => {
      const end = (ends.get(read.client) ?? this.#usedMs.get(read.client) ?? 0) + this.#expectedMs(read);
      ends.set(read.client, end);
      return end;
    };
    if (this.#running) endOf(this.#running);
    const waiting = this.#waiting.all().map((read) => ({ read, end: endOf(read) }));
    const last = waiting.reduce((latest, other) => (other.end > latest.end ? other : latest));
    if (last.end <= endOf(newcomer)) throw new ReadRefused('Too many files wait. Try again later.');
    this.#drop(last.read);
  }

  /** By the size, and by the last read of the client: a small file may be made to keep the reader busy. */
  #expectedMs({ client, bytes }: Reader): number {
    return (startMs + bytes / bytesPerMs) * (this.#slowness.get(client) ?? 1);
  }

  #next(): void {
    if (this.#running) return;
    const endOf = (read: Read) => (this.#usedMs.get(read.client) ?? 0) + this.#expectedMs(read);
    const [first, ...others] = this.#waiting.all();
    if (!first) return;
    const read = others.reduce((best, other) => (endOf(other) < endOf(best) ? other : best), first);
    this.#waiting.remove(read.client, read);
    this.#running = read;
    const startedAt = this.#now();
    void read.start().then(() => {
      this.#running = undefined;
      this.#charge(read, this.#now() - startedAt);
      this.#next();
    });
  }

  /** Charges a client for a read, and forgets clients without a read, unless they have had more than an even share. */
  #charge({ client, bytes }: Read, readMs: number): void {
    this.#slowness.delete(client);
    const slowness = readMs / (startMs + bytes / bytesPerMs);
    if (slowness > 1) this.#slowness.set(client, slowness);
    const [oldest] = this.#slowness.keys();
    if (this.#slowness.size > maxSlowClients && oldest !== undefined) this.#slowness.delete(oldest);
    const active = new Set(this.#waiting.all().map((read) => read.client));
    const isEmpty = active.size === 0;
    this.#fairMs = isEmpty ? 0 : this.#fairMs + readMs / active.add(client).size;
    this.#usedMs.set(client, (this.#usedMs.get(client) ?? 0) + readMs);
    for (const [other, usedMs] of this.#usedMs) {
      if (isEmpty || (usedMs <= this.#fairMs && this.#waiting.waitingOf(other) === 0)) this.#usedMs.delete(other);
    }
  }
}
