/**
 * Response streaming as in Lambda's Node.js runtime: the globals awslambda.streamifyResponse and
 * awslambda.HttpResponseStream, and the stream that a streaming handler writes to.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import { Writable } from 'node:stream';
import { Flag, type FrameWriter, Kind } from '../../wire/frames.ts';
import type { StreamStartHead } from '../../wire/heads.ts';
import { preludeDelimiter, preludeType } from '../../wire/prelude.ts';
import { InvalidStreamingOperation, MalformedStreamingHandler, toErrorHead } from './runtime-errors.ts';

/** Properties by which Lambda's runtime marks a handler; other packages look for them, too. */
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');
const highWaterMark = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

/** How much may be on its way to the client before `write` asks the handler to wait (bytes). */
const windowBytes = 256 * 1024;

/** A handler that writes its answer to a stream. */
export type StreamingHandler = (event: unknown, stream: HandlerStream, context: unknown) => unknown;

/**
 * Tells whether streamifyResponse has marked a handler.
 * @throws Runtime.MalformedStreamingHandler for a mark of another kind
 */
export function isStreaming(handler: object): boolean {
  const mark = (handler as Record<symbol, unknown>)[streamingMark];
  if (mark && mark !== 'response') throw new MalformedStreamingHandler();
  return Boolean(mark);
}

type WriteHook = (write: (chunk: string | Uint8Array) => boolean) => void;

/** The stream behind the one that a streaming handler writes to. Each chunk becomes a frame. */
export class ResponseStream extends Writable {
  /** Called before the first `write`. Lambda's runtime has the property under this name, and packages set it. */
  _onBeforeFirstWrite: WriteHook | undefined;
  /** Resolves when the router has the whole stream; rejects when the stream is destroyed, or fails. */
  readonly finished: Promise<void>;
  readonly #writer: FrameWriter;
  readonly #id: number;
  #contentType = 'application/octet-stream';
  /** The handler has called `write`. */
  #written = false;
  /** The router knows that the answer is a stream. */
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
    this.finished = new Promise((resolve, reject) => {
      this.once('finish', resolve);
      this.once('error', reject);
      // Without an effect after either of the others.
      this.once('close', () => reject(new Error('The response stream was destroyed before its end')));
    });
    this.finished.catch(() => {});
  }

  /**
   * @throws Runtime.InvalidStreamingOperation after the first write
   * @throws ERR_INVALID_CHAR for a text that no header can hold
   */
  setContentType(contentType: string): void {
    if (this.#written) throw new InvalidStreamingOperation();
    // Few handlers set a content type, so node:http is loaded only for these.
    process.getBuiltinModule('node:http').validateHeaderValue('Content-Type', contentType);
    this.#contentType = String(contentType);
  }

  /** Writes a chunk. As on Lambda, a chunk that is neither text nor bytes is written as JSON. */
  override write(chunk: unknown, ...rest: never[]): boolean {
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array;
    if (!this.#written) {
      this._onBeforeFirstWrite?.((bytes) => super.write(bytes));
      this.#written = true;
    }
    return super.write(isBytes ? chunk : JSON.stringify(chunk), ...rest);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (chunk.length === 0) {
      // Under aws-lambda-ric an empty write does not begin the answer.
      done();
      return;
    }
    this.#start();
    this.#unacknowledgedBytes += chunk.length;
    this.#writer.send(Kind.streamChunk, Flag.none, this.#id, '', chunk);
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
    if (!this.writableFinished) {
      const head = toErrorHead(thrown);
      // aws-lambda-ric names the type in a trailer, where a missing name becomes this text.
      const errorType = String(head.errorType);
      this.#writer.send(kind, Flag.none, this.#id, JSON.stringify({ ...head, errorType }));
    }
    this.destroy();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const head: StreamStartHead = { contentType: this.#contentType };
    this.#writer.send(Kind.streamStart, Flag.none, this.#id, JSON.stringify(head));
  }
}

const methods = [
  ...['cork', 'destroy', 'end', 'uncork', 'write', 'setContentType'],
  ...['addListener', 'on', 'once', 'prependListener', 'prependOnceListener', 'off', 'removeListener'],
  ...['removeAllListeners', 'setMaxListeners', 'getMaxListeners', 'listeners', 'rawListeners', 'listenerCount'],
  ...['eventNames', 'emit'],
] as const;
const variables = ['destroyed', '_onBeforeFirstWrite'] as const;
const constants = [
  ...['writableFinished', 'writableObjectMode', 'writableEnded', 'writableNeedDrain', 'writableHighWaterMark'],
  ...['writableCorked', 'writableLength', 'writable'],
] as const;

/** The stream that a streaming handler gets. It has no member that the stream of Lambda's runtime lacks. */
export type HandlerStream = Pick<ResponseStream, 'setContentType' | '_onBeforeFirstWrite'>;

/** @returns an object with the methods and properties of a stream that Lambda's runtime gives to handlers */
export function toHandlerStream(inner: ResponseStream): HandlerStream {
  const source = inner as unknown as Record<string, unknown>;
  const stream: Record<string, unknown> = {};
  for (const name of methods) stream[name] = (source[name] as () => unknown).bind(inner);
  for (const name of variables) {
    Object.defineProperty(stream, name, {
      get: () => source[name],
      set(value) {
        source[name] = value;
      },
    });
  }
  for (const name of constants) Object.defineProperty(stream, name, { get: () => source[name] });
  return stream as unknown as HandlerStream;
}

/** Puts `streamifyResponse` and `HttpResponseStream` where handlers look for them: on globalThis.awslambda. */
export function installStreamingGlobals(): void {
  const scope = globalThis as { awslambda?: object };
  scope.awslambda = {
    ...scope.awslambda,
    streamifyResponse(handler: Record<symbol, unknown>, options?: { highWaterMark?: number }) {
      handler[streamingMark] = 'response';
      if (typeof options?.highWaterMark === 'number') handler[highWaterMark] = Math.trunc(options.highWaterMark);
      return handler;
    },
    HttpResponseStream: {
      from(stream: HandlerStream, prelude: unknown) {
        stream.setContentType(preludeType);
        const json = JSON.stringify(prelude);
        // `end` alone does not call `write`. An answer without a write then has no prelude, as on Lambda.
        stream._onBeforeFirstWrite = (write) => {
          write(json);
          write(preludeDelimiter);
        };
        return stream;
      },
    },
  };
}

/** @returns the size of the write buffer that a streaming handler asked for (bytes) */
export function highWaterMarkOf(handler: object): number | undefined {
  return Number((handler as Record<symbol, unknown>)[highWaterMark]) || undefined;
}
