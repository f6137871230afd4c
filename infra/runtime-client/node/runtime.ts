/**
 * The runtime client in a function's process: takes events from the framed channel, calls the handler, and sends its
 * answers back. It does for our router what aws-lambda-ric does for Lambda.
 */
import type { Duplex } from 'node:stream';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';
import { Flag, type Frame, FrameReader, FrameWriter, Kind } from '../../wire/frames.ts';
import type { InvokeHead } from '../../wire/heads.ts';
import { patchConsole, writeLogEntry } from './console.ts';
import { contextFactory } from './context.ts';
import { onceIdle } from './idle.ts';
import { type Handler, loadHandler } from './load-handler.ts';
import { highWaterMarkOf, installStreamingGlobals, ResponseStream } from './response-stream.ts';
import { jsonStringifyError, toErrorHead } from './runtime-errors.ts';

const { REQUEST_ID, X_RAY_TRACE_ID } = InvokeStoreBase.PROTECTED_KEYS;

installStreamingGlobals();
let invokeStore: InvokeStoreBase | undefined;

/** @returns the id of the invocation that the calling code runs for; undefined outside of one */
export function currentRequestId(): string | undefined {
  return invokeStore?.get(REQUEST_ID) as string | undefined;
}

export interface RuntimeOptions {
  /** Folder for compiled code; undefined keeps none. */
  cacheFolder?: string | undefined;
  /** A full garbage collection, for the end of the start; undefined does none. */
  collectGarbage?: (() => void) | undefined;
}

/**
 * Loads the handler that the environment names, and serves the channel with it.
 * @param channel our end of the socket pair
 * @param env     Lambda's variables: _HANDLER, LAMBDA_TASK_ROOT, AWS_LAMBDA_*
 * @returns false when the handler could not be loaded; the router has got the error by then
 */
export async function startRuntime(
  channel: Duplex,
  env: NodeJS.ProcessEnv,
  { cacheFolder, collectGarbage }: RuntimeOptions = {},
): Promise<boolean> {
  patchConsole(currentRequestId, env.AWS_LAMBDA_LOG_LEVEL);
  const writer = new FrameWriter(channel);
  const store = await InvokeStore.getInstanceAsync();
  invokeStore = store;
  try {
    const { handler, saveCode } = await loadHandler(env.LAMBDA_TASK_ROOT ?? '', env._HANDLER ?? '', cacheFolder);
    const runtime = new Runtime(writer, handler, store, env);
    const reader = new FrameReader((frame) => runtime.receive(frame));
    channel.on('data', (chunk: Buffer) => reader.push(chunk));
    writer.send(Kind.ready, Flag.none, 0);
    process.once('exit', saveCode);
    onceIdle(
      () => runtime.finishedInvocations,
      () => {
        // The code is written first, because the collection drops compiled functions.
        saveCode();
        collectGarbage?.();
      },
    );
    return true;
  } catch (error) {
    writer.send(Kind.initError, Flag.none, 0, JSON.stringify(toErrorHead(error)));
    return false;
  }
}

class Runtime {
  readonly #writer: FrameWriter;
  readonly #handler: Handler;
  readonly #invokeStore: InvokeStoreBase;
  readonly #env: NodeJS.ProcessEnv;
  readonly #createContext: ReturnType<typeof contextFactory>;
  /** Streamed answers that have not ended, by channel id. */
  readonly #streams = new Map<number, ResponseStream>();
  #begun = 0;
  #ended = 0;

  constructor(writer: FrameWriter, handler: Handler, invokeStore: InvokeStoreBase, env: NodeJS.ProcessEnv) {
    this.#writer = writer;
    this.#handler = handler;
    this.#invokeStore = invokeStore;
    this.#env = env;
    this.#createContext = contextFactory(env);
  }

  /** How many invocations have ended; undefined while one is running. */
  get finishedInvocations(): number | undefined {
    return this.#begun === this.#ended ? this.#ended : undefined;
  }

  receive(frame: Frame): void {
    switch (frame.kind) {
      case Kind.invoke:
        this.#invoke(frame);
        break;
      case Kind.ping:
        this.#writer.send(Kind.pong, Flag.none, 0);
        break;
      case Kind.streamAcknowledged:
        this.#streams.get(frame.id)?.acknowledge(frame.body.readUInt32LE(0));
        break;
    }
  }

  #invoke(frame: Frame): void {
    this.#begun++;
    const head = JSON.parse(frame.head.toString()) as InvokeHead;
    // The variable is process-wide, so it can name a trace only where one invocation runs at a time.
    if (this.#env.AWS_LAMBDA_MAX_CONCURRENCY === undefined && head.traceId) this.#env._X_AMZN_TRACE_ID = head.traceId;
    const handler = this.#handler;
    this.#invokeStore.run({ [REQUEST_ID]: head.requestId, [X_RAY_TRACE_ID]: head.traceId }, () =>
      handler.streaming ? this.#stream(frame, head, handler) : this.#answer(frame, head, handler),
    );
  }

  async #answer(frame: Frame, head: InvokeHead, { handle }: Handler & { streaming: false }): Promise<void> {
    try {
      this.#respond(frame, await handle(eventOf(frame, head), this.#createContext(head)));
    } catch (error) {
      writeLogEntry('ERROR', head.requestId, ['Invoke Error', error]);
      this.#writer.send(Kind.error, Flag.none, frame.id, JSON.stringify(toErrorHead(error)));
    } finally {
      this.#ended++;
    }
  }

  /**
   * Sends an answer. The body of API Gateway's full form travels as bytes beside the head; any other answer as JSON.
   * @throws Runtime.JSONStringifyError
   */
  #respond({ id, flags }: Frame, result: unknown): void {
    if (!(flags & Flag.payload) && isProxyResult(result)) {
      const { body = '', ...head } = result;
      const isBinary = result.isBase64Encoded === true;
      this.#writer.send(
        Kind.response,
        isBinary ? Flag.binaryBody : Flag.textBody,
        id,
        JSON.stringify(head),
        isBinary ? Buffer.from(body, 'base64') : body,
      );
      return;
    }
    this.#writer.send(Kind.response, Flag.payload, id, '', toJson(result));
  }

  async #stream(frame: Frame, head: InvokeHead, { handle }: Handler & { streaming: true }): Promise<void> {
    const response = new ResponseStream(this.#writer, frame.id, highWaterMarkOf(handle));
    this.#streams.set(frame.id, response);
    response.on('close', () => this.#streams.delete(frame.id));
    // A write after the client has gone must not end the process as an unhandled error.
    response.on('error', () => {});
    try {
      await handle(eventOf(frame, head), response, this.#createContext(head));
      if (!response.writableEnded) throw new Error('The handler returned without ending its response stream');
    } catch (error) {
      writeLogEntry('ERROR', head.requestId, ['Invoke Error', error]);
      response.fail(error);
    } finally {
      this.#ended++;
    }
  }
}

/** Puts an event together from a frame's head and body. */
function eventOf({ flags, body }: Frame, { event }: InvokeHead): unknown {
  if (!event) return JSON.parse(body.toString());
  if (flags & Flag.textBody) event.body = body.toString();
  else if (flags & Flag.binaryBody) event.body = body.toString('base64');
  return event;
}

/** Tells whether a result has API Gateway's full form, whose body can travel apart. */
function isProxyResult(result: unknown): result is { statusCode: number; body?: string; isBase64Encoded?: boolean } {
  if (typeof result !== 'object' || result === null) return false;
  const { statusCode, body } = result as { statusCode?: unknown; body?: unknown };
  return typeof statusCode === 'number' && (body === undefined || typeof body === 'string');
}

/** @throws Runtime.JSONStringifyError */
function toJson(result: unknown): string {
  try {
    return JSON.stringify(result ?? null);
  } catch (error) {
    throw jsonStringifyError(error);
  }
}
