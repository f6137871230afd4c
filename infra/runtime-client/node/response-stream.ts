/**
 * Response streaming as Lambda's Node.js runtime has it: the globals awslambda.streamifyResponse and
 * awslambda.HttpResponseStream, and the stream that a streaming handler writes to.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import { Writable } from 'node:stream';
import { Flag, type FrameWriter, Kind } from '../../wire/frames.ts';
import { isHeaderValue } from '../../wire/header-value.ts';
import { invalidStreamingOperation, toErrorReport } from './errors.ts';

const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');
const highWaterMark = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const preludeType = 'application/vnd.awslambda.http-integration-response';
const preludeDelimiter = Buffer.alloc(8);
/** Bytes sent and not yet taken by the client before `write` asks the handler to wait. */
const window = 256 * 1024;

export type StreamingHandler = (event: unknown, stream: ResponseStream, context: unknown) => unknown;

export function isStreaming(handler: object): boolean {
  return (handler as Record<symbol, unknown>)[streamingMark] === 'response';
}

export class ResponseStream extends Writable {
  readonly #writer: FrameWriter;
  readonly #id: number;
  #contentType = 'application/octet-stream';
  #prelude: string | undefined;
  #started = false;
  #unacknowledged = 0;
  #waiting: (() => void) | undefined;

  constructor(writer: FrameWriter, id: number, size?: number) {
    super({ decodeStrings: true, ...(size ? { highWaterMark: size } : {}) });
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

  /** Status, headers and cookies of the answer, to go before its first byte. */
  setPrelude(prelude: unknown): void {
    this.setContentType(preludeType);
    this.#prelude = JSON.stringify(prelude);
  }

  override write(chunk: unknown, ...rest: never[]): boolean {
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(isBytes ? chunk : JSON.stringify(chunk), ...rest);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#start();
    this.#send(chunk);
    if (this.#unacknowledged < window) done();
    else this.#waiting = done;
  }

  override _final(done: () => void): void {
    this.#start();
    this.#writer.send(Kind.streamEnd, Flag.none, this.#id);
    done();
  }

  /** The router has passed bytes on to the client. */
  acknowledge(bytes: number): void {
    this.#unacknowledged -= bytes;
    if (this.#waiting && this.#unacknowledged < window) {
      const proceed = this.#waiting;
      this.#waiting = undefined;
      proceed();
    }
  }

  /** Ends the answer with an error: before the first byte as any error, later as a broken stream. */
  fail(thrown: unknown): void {
    const kind = this.#started ? Kind.streamError : Kind.error;
    this.#writer.send(kind, Flag.none, this.#id, JSON.stringify(toErrorReport(thrown)));
    this.destroy();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#writer.send(Kind.streamStart, Flag.none, this.#id, JSON.stringify({ contentType: this.#contentType }));
    if (this.#prelude === undefined) return;
    this.#send(Buffer.from(this.#prelude));
    this.#send(preludeDelimiter);
  }

  #send(bytes: Buffer): void {
    this.#unacknowledged += bytes.length;
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

export function highWaterMarkOf(handler: object): number | undefined {
  return (handler as Record<symbol, number | undefined>)[highWaterMark];
}
