/**
 * Response streaming as in Lambda's Node.js runtime: the globals awslambda.streamifyResponse and
 * awslambda.HttpResponseStream, and the stream that a streaming handler writes to.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import { Writable } from 'node:stream';
import { Flag, type FrameWriter, Kind } from '../../wire/frames.ts';
import { isHeaderValue } from '../../wire/header-value.ts';
import type { StreamStartHead } from '../../wire/heads.ts';
import { preludeDelimiter, preludeType } from '../../wire/prelude.ts';
import { invalidStreamingOperation, toErrorHead } from './runtime-errors.ts';

/** Properties by which Lambda's runtime marks a handler; other packages look for them, too. */
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');
const highWaterMark = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

/** How much may be on its way to the client before `write` asks the handler to wait (bytes). */
const windowBytes = 256 * 1024;

/** A handler that writes its answer to a stream. */
export type StreamingHandler = (event: unknown, stream: ResponseStream, context: unknown) => unknown;

/** Tells whether streamifyResponse has marked a handler. */
export function isStreaming(handler: object): boolean {
  return (handler as Record<symbol, unknown>)[streamingMark] === 'response';
}

/** The stream that a streaming handler writes to. Each chunk becomes a frame. */
export class ResponseStream extends Writable {
  readonly #writer: FrameWriter;
  readonly #id: number;
  #contentType = 'application/octet-stream';
  #prelude: string | undefined;
  #started = false;
  #unacknowledgedBytes = 0;
  /** Takes the next chunk; set while the window is full. */
  #resume: (() => void) | undefined;

  /**
   * @param id                 channel id of the invocation
   * @param highWaterMarkBytes as the handler asked for it in streamifyResponse
   */
  constructor(writer: FrameWriter, id: number, highWaterMarkBytes?: number) {
    super({ decodeStrings: true, ...(highWaterMarkBytes ? { highWaterMark: highWaterMarkBytes } : {}) });
    this.#writer = writer;
    this.#id = id;
  }

  /** @throws Runtime.InvalidStreamingOperation after the first write, and for a text that no header can hold */
  setContentType(contentType: string): void {
    if (this.#started) throw invalidStreamingOperation("The content type can't be set after the first write");
    if (typeof contentType !== 'string' || !isHeaderValue(contentType)) {
      throw invalidStreamingOperation(`The content type ${JSON.stringify(contentType)} is no HTTP header value`);
    }
    this.#contentType = contentType;
  }

  /**
   * Sets status, headers and cookies, which leave before the first byte of the body.
   * @throws Runtime.InvalidStreamingOperation after the first write
   */
  setPrelude(prelude: unknown): void {
    this.setContentType(preludeType);
    this.#prelude = JSON.stringify(prelude);
  }

  /** Writes a chunk. As on Lambda, a chunk that is neither text nor bytes is written as JSON. */
  override write(chunk: unknown, ...rest: never[]): boolean {
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(isBytes ? chunk : JSON.stringify(chunk), ...rest);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#start();
    this.#send(chunk);
    if (this.#unacknowledgedBytes < windowBytes) done();
    else this.#resume = done;
  }

  override _final(done: () => void): void {
    this.#start();
    this.#writer.send(Kind.streamEnd, Flag.none, this.#id);
    done();
  }

  /** Called when the router has passed bytes on to the client. */
  acknowledge(bytes: number): void {
    this.#unacknowledgedBytes -= bytes;
    if (this.#resume && this.#unacknowledgedBytes < windowBytes) {
      const resume = this.#resume;
      this.#resume = undefined;
      resume();
    }
  }

  /** Ends the answer with an error. After the first byte the client sees a stream that breaks off. */
  fail(thrown: unknown): void {
    const kind = this.#started ? Kind.streamError : Kind.error;
    this.#writer.send(kind, Flag.none, this.#id, JSON.stringify(toErrorHead(thrown)));
    this.destroy();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#writer.send(
      Kind.streamStart,
      Flag.none,
      this.#id,
      JSON.stringify({ contentType: this.#contentType } satisfies StreamStartHead),
    );
    if (this.#prelude === undefined) return;
    this.#send(Buffer.from(this.#prelude));
    this.#send(preludeDelimiter);
  }

  #send(bytes: Buffer): void {
    this.#unacknowledgedBytes += bytes.length;
    this.#writer.send(Kind.streamChunk, Flag.none, this.#id, '', bytes);
  }
}

/** Puts `streamifyResponse` and `HttpResponseStream` where handlers look for them: on globalThis.awslambda. */
export function installStreamingGlobals(): void {
  const scope = globalThis as { awslambda?: object };
  scope.awslambda = {
    ...scope.awslambda,
    streamifyResponse(handler: Record<symbol, unknown>, options?: { highWaterMark?: number }) {
      handler[streamingMark] = 'response';
      if (options?.highWaterMark) handler[highWaterMark] = options.highWaterMark;
      return handler;
    },
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: unknown) {
        stream.setPrelude(prelude);
        return stream;
      },
    },
  };
}

/** @returns the size of the write buffer that a streaming handler asked for (bytes) */
export function highWaterMarkOf(handler: object): number | undefined {
  return (handler as Record<symbol, number | undefined>)[highWaterMark];
}
