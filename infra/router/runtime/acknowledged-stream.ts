import { Readable } from 'node:stream';
import { BrokenStreamError } from './invocation.ts';

/**
 * A streamed answer that acknowledges bytes as its reader takes them, so that neither end of the line hoards.
 * When its reader goes away it drops the rest, and closes only once the function has finished: until then the handler
 * still runs, and its environment has no room.
 */
export class AcknowledgedStream extends Readable {
  readonly #acknowledge: (bytes: number) => void;
  #owed = 0;
  #finished = false;
  #whenFinished: (() => void) | undefined;

  constructor(acknowledge: (bytes: number) => void) {
    super();
    this.#acknowledge = acknowledge;
  }

  /** Takes a chunk that arrived. */
  accept(chunk: Buffer): void {
    if (this.#finished) return;
    this.#owed += chunk.length;
    if (this.destroyed) this._read();
    else this.push(chunk);
  }

  /** No more will come: the function has ended its answer, or failed. */
  finish(error?: Error): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#whenFinished?.();
    if (this.destroyed) return;
    if (error) this.destroy(error);
    else this.push(null);
  }

  override _read(): void {
    if (this.#owed === 0) return;
    const bytes = this.#owed;
    this.#owed = 0;
    this.#acknowledge(bytes);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#finished || error instanceof BrokenStreamError) {
      done(error);
      return;
    }
    this.#whenFinished = () => done(error);
    // The handler may wait for the reader who has gone.
    this._read();
  }
}
