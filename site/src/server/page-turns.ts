/** Lets the pages of the clients take turns at the site server's one thread. */
import { ClientTurns } from '../../../infra/http/client-turns.ts';

/** A piece of a page that waits for its turn. */
interface Piece {
  /** Lets the page go on until it waits for the API or ends. */
  run: () => void;
  /** Refuses the page. A page that has begun cannot be refused, because it may have written to the directory. */
  refuse?: () => void;
}

/**
 * The turns of the pages of one site process. A page is built in pieces, between which it waits for the API. Each turn of the
 * event loop runs one piece, and clients take turns. A page holds nothing while it waits for the API or for its reader.
 * @see infra/docs/decisions/044-turns-by-client.md
 */
export class PageTurns {
  readonly #maxWaiting: number;
  readonly #onNextLoop: (callback: () => void) => unknown;
  readonly #waiting = new ClientTurns<Piece>();
  /** Whether a piece has run in this turn of the event loop. */
  #hasRun = false;

  /**
   * @param maxWaiting how many pages may wait
   * @param onNextLoop calls a function in the next turn of the event loop
   */
  constructor(maxWaiting: number, onNextLoop: (callback: () => void) => unknown = setImmediate) {
    this.#maxWaiting = maxWaiting;
    this.#onNextLoop = onNextLoop;
  }

  /**
   * Waits until a page may begin. When too many wait, the newest page of the client that has the most gives way.
   * @param client the key of the client
   * @param onClose calls a function when the client has closed its request, which then leaves its place
   * @returns false if the page gave way or its request is closed
   */
  begin(client: string, onClose: (leave: () => void) => void): Promise<boolean> {
    if (this.#waiting.length >= this.#maxWaiting) {
      const other = this.#waiting.newestOfBusiest(client);
      if (!other) return Promise.resolve(false);
      // A page that has begun waits along with the new one: the limit of requests bounds both.
      other.refuse?.();
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const refuse = () => {
      this.#waiting.remove(client, piece);
      resolve(false);
    };
    const piece = { run: () => resolve(true), refuse };
    onClose(refuse);
    this.#push(client, piece);
    return promise;
  }

  /** Waits until a page that has begun may go on. @param client the key of the client */
  resume(client: string): Promise<void> {
    return new Promise((run) => this.#push(client, { run }));
  }

  #push(client: string, piece: Piece): void {
    this.#waiting.push(client, piece);
    this.#next();
  }

  #next(): void {
    if (this.#hasRun) return;
    const piece = this.#waiting.take(() => true);
    if (!piece) return;
    this.#hasRun = true;
    this.#onNextLoop(() => {
      this.#hasRun = false;
      this.#next();
    });
    piece.run();
  }
}
