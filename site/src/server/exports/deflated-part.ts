/** A part of a ZIP file that is compressed outside of the server's thread. */
import { once } from 'node:events';
import { crc32, createDeflateRaw } from 'node:zlib';
import type { AsyncFlateStreamHandler, ZipInputFile } from 'fflate';

/**
 * A part for the `Zip` of fflate. Its own `ZipDeflate` compresses in JavaScript: four exports at once kept every page of the
 * site waiting. zlib compresses in Node.js's thread pool instead.
 */
export class DeflatedPart implements ZipInputFile {
  readonly filename: string;
  /** DEFLATE, in the numbers of ZIP. */
  readonly compression = 8;
  size = 0;
  crc = 0;
  /** `Zip` sets it, and takes the compressed bytes by it. */
  ondata?: AsyncFlateStreamHandler;
  readonly #deflate = createDeflateRaw();

  constructor(filename: string) {
    this.filename = filename;
    // The promises of `write` and `end` reject. Without a listener an error would also end the site.
    this.#deflate.on('error', () => {});
    this.#deflate.on('data', (chunk: Uint8Array<ArrayBuffer>) => this.ondata?.(null, chunk, false));
  }

  /** Compresses a text. Resolves when the part can take more. */
  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.crc = crc32(bytes, this.crc);
    this.size += bytes.length;
    await new Promise<void>((resolve, reject) => {
      this.#deflate.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Compresses the last text, and ends the part. */
  async end(text: string): Promise<void> {
    await this.write(text);
    const ended = once(this.#deflate, 'end');
    this.#deflate.end();
    await ended;
    this.ondata?.(null, new Uint8Array(), true);
  }

  /** Frees the memory of the compression, also when the file is abandoned. */
  close(): void {
    this.#deflate.destroy();
  }
}
