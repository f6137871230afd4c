/** Ends clients that ask and do not read, so that their answers do not fill the memory of the router or of the site's server. */
import type { ServerResponse } from 'node:http';
import { type MemoryClaim, MemoryLimit } from './memory-limit.ts';

/** Memory that a response takes beside its body: head, objects and socket (bytes). */
const overheadBytes = 1024;

/** The responses that are complete here but not read by their clients. */
export class UnreadResponses {
  readonly #memory: MemoryLimit;
  readonly #maxReadMs: number;

  /**
   * @param maxBytes  of all unread responses together; beyond it the connection of the oldest one closes
   * @param maxReadMs how long a client may take to read a response (ms), and how long it may leave a stream unread
   */
  constructor(maxBytes: number, maxReadMs: number) {
    this.#memory = new MemoryLimit(maxBytes);
    this.#maxReadMs = maxReadMs;
  }

  /**
   * Limits a response whose end was just written. Most responses have left by then and cost nothing here.
   * @param bytes size of the body
   */
  limit(response: ServerResponse, bytes: number): void {
    const { socket } = response.req;
    // A response without a socket waits for an earlier one of its connection (pipelining).
    if (response.socket && socket.writableLength === 0) return;
    const claim: MemoryClaim = { bytes: 0 };
    // One answer must fit whatever the others hold; then nothing is left that could give way.
    this.#memory.take(claim, bytes + overheadBytes);
    // The socket, because the response may not have one yet.
    const end = () => socket.destroy();
    this.#memory.waits(claim, end);
    const timer = setTimeout(end, this.#maxReadMs);
    response.once('close', () => {
      clearTimeout(timer);
      this.#memory.giveBack(claim);
    });
  }

  /**
   * Limits a response from its first byte, for writers that do not wait for the reader, as Astro does not. The bytes count
   * from a write that finds the buffers full until the buffers are empty.
   */
  watch(response: ServerResponse): void {
    const claim: MemoryClaim = { bytes: 0 };
    const close = () => response.destroy();
    const count = (chunk: unknown) => {
      if (response.destroyed) return;
      const bytes = typeof chunk === 'string' || chunk instanceof Uint8Array ? Buffer.byteLength(chunk) : 0;
      if (this.#memory.take(claim, bytes + overheadBytes)) this.#memory.waits(claim, close);
      else close();
    };
    const release = () => this.#memory.giveBack(claim);
    const { write, end } = response;
    response.write = (...parameters: unknown[]) => {
      const isTaken: boolean = Reflect.apply(write, response, parameters);
      if (!isTaken) count(parameters[0]);
      return isTaken;
    };
    response.end = (...parameters: unknown[]) => {
      Reflect.apply(end, response, parameters);
      if (!response.writableFinished) count(parameters[0]);
      return response;
    };
    response.on('drain', release);
    response.once('finish', release);
    response.once('close', release);
  }

  /** Limits a streamed response that begins. A stream whose function sends nothing may last, one that nobody reads may not. */
  limitStream(response: ServerResponse): void {
    let drained = true;
    response.on('drain', () => {
      drained = true;
    });
    const timer = setInterval(() => {
      if (response.writableNeedDrain && !drained) response.destroy();
      drained = false;
    }, this.#maxReadMs);
    response.once('close', () => clearInterval(timer));
  }
}
