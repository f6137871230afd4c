/** A streamed answer that comes over the framed channel. */
import { Readable } from 'node:stream';
import { BrokenStreamError } from './invocation.ts';

/**
 * Acknowledges bytes as its reader takes them. The function waits when too many are not acknowledged (back-pressure), so
 * neither end of the line collects the answer in memory.
 *
 * When the function breaks off, the reader gets all chunks that arrived, and then the error.
 *
 * When its reader goes away, the stream drops the rest of the answer. It closes only when the function has finished, because
 * the handler runs until then and its environment has no room.
 */
export class AcknowledgedStream extends Readable {
  readonly #acknowledge: (bytes: number) => void;
  #unacknowledgedBytes = 0;
  #finished = false;
  /** Why the function broke off, while its last chunks wait for the reader. */
  #failure: Error | undefined;
  #whenFinished: (() => void) | undefined;

  /** @param acknowledge tells the function how many more bytes were taken */
  constructor(acknowledge: (bytes: number) => void) {
    super();
    this.#acknowledge = acknowledge;
  }

  /** Takes a chunk that arrived. */
  accept(chunk: Buffer): void {
    if (this.#finished) return;
    this.#unacknowledgedBytes += chunk.length;
    if (this.destroyed) this._read();
    else this.push(chunk);
  }

  /**
   * Ends the stream: the function sends no more.
   * @param error why the function broke off, if it did
   */
  finish(error?: Error): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#whenFinished?.();
    if (this.destroyed) return;
    if (!error) this.push(null);
    else if (this.readableLength === 0) this.destroy(error);
    else this.#failure = error;
  }

  /** Gives the reader all chunks before the error, because `destroy` drops what is not yet read. */
  override read(size?: number): unknown {
    const chunk = super.read(size);
    if (this.#failure && this.readableLength === 0) this.destroy(this.#failure);
    return chunk;
  }

  override _read(): void {
    if (this.#unacknowledgedBytes === 0) return;
    const bytes = this.#unacknowledgedBytes;
    this.#unacknowledgedBytes = 0;
    this.#acknowledge(bytes);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#finished || error instanceof BrokenStreamError) {
      done(error);
      return;
    }
    this.#whenFinished = () => done(error);
    // The handler may be waiting for an acknowledgement from the reader that has gone.
    this._read();
  }
}
