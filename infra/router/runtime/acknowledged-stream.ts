import { Readable } from 'node:stream';

/** A streamed answer that acknowledges bytes as its reader takes them, so that neither end of the line hoards. */
export class AcknowledgedStream extends Readable {
  readonly #acknowledge: (bytes: number) => void;
  #owed = 0;

  constructor(acknowledge: (bytes: number) => void) {
    super();
    this.#acknowledge = acknowledge;
  }

  /** Takes a chunk that arrived. After the reader has gone away chunks are acknowledged and dropped. */
  accept(chunk: Buffer): void {
    this.#owed += chunk.length;
    if (this.destroyed) this._read();
    else this.push(chunk);
  }

  override _read(): void {
    if (this.#owed === 0) return;
    const bytes = this.#owed;
    this.#owed = 0;
    this.#acknowledge(bytes);
  }
}
