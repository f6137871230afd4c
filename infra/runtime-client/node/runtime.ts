/**
 * The runtime client in a function's process: takes events from the framed channel, calls the handler, and sends its
 * answers back. It does for our router what aws-lambda-ric does for Lambda.
 */
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';
import { traceIdOf } from '../../http/trace-context.ts';
import { Flag, type Frame, FrameReader, FrameWriter, Kind } from '../../wire/frames.ts';
import type { InvokeHead } from '../../wire/heads.ts';
import { encodeWork } from '../../wire/work.ts';
import { callWithCallback, hasCallbacks } from './callbacks.ts';
import { type InvocationIds, patchConsole } from './console.ts';
import { contextFactory } from './context.ts';
import { onceIdle } from './idle.ts';
import { type BufferedHandler, type Handler, loadHandler } from './load-handler.ts';
import { PrefetchQueue } from './prefetch-queue.ts';
import { highWaterMarkOf, installStreamingGlobals, ResponseStream, toHandlerStream } from './response-stream.ts';
import { JSONStringifyError, toError, toErrorHead } from './runtime-errors.ts';

const { REQUEST_ID, X_RAY_TRACE_ID } = InvokeStoreBase.PROTECTED_KEYS;

installStreamingGlobals();
let invokeStore: InvokeStoreBase | undefined;

/** The key of the store under which an invocation has the head of its frame. */
const invokeHead = Symbol('invokeHead');

/** @returns the ids of the invocation that the calling code runs for; undefined outside of one */
export function currentIds(): InvocationIds | undefined {
  const head = invokeStore?.get(invokeHead) as InvokeHead | undefined;
  if (head === undefined) return undefined;
  const { traceparent } = (head.event?.headers ?? {}) as { traceparent?: unknown };
  return { requestId: head.requestId, traceId: traceIdOf(traceparent) };
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
  patchConsole(currentIds, env.AWS_LAMBDA_LOG_LEVEL);
  const writer = new FrameWriter(channel, env.AWS_LAMBDA_MAX_CONCURRENCY === undefined ? 1 : undefined);
  const store = await InvokeStore.getInstanceAsync();
  invokeStore = store;
  try {
    const { LAMBDA_TASK_ROOT: taskRoot = '', _HANDLER: name = '', AWS_EXECUTION_ENV } = env;
    const { handler, saveCode } = await loadHandler(taskRoot, name, cacheFolder, hasCallbacks(AWS_EXECUTION_ENV));
    const runtime = new Runtime(channel, writer, handler, store, env);
    const reader = new FrameReader((frame) => runtime.receive(frame));
    channel.on('data', (chunk: Buffer) => reader.push(chunk));
    writer.send(Kind.ready, Flag.none, 0);
    process.once('exit', () => {
      runtime.end();
      saveCode();
    });
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
    console.error(toError(error));
    writer.send(Kind.initError, Flag.none, 0, JSON.stringify(toErrorHead(error)));
    return false;
  }
}

/** A line that keeps the process alive while it is referenced; a Duplex in memory has no such methods. */
type Channel = Duplex & { ref?(): void; unref?(): void };

class Runtime {
  readonly #channel: Channel;
  readonly #writer: FrameWriter;
  readonly #handler: Handler;
  readonly #invokeStore: InvokeStoreBase;
  readonly #env: NodeJS.ProcessEnv;
  /** Whether the process takes one invocation at a time, as Lambda does. */
  readonly #isSerial: boolean;
  /** Whether handlers may answer by a callback or by their context. */
  readonly #hasCallbacks: boolean;
  readonly #createContext: ReturnType<typeof contextFactory>;
  /** Streamed answers that have not ended, by channel id. */
  readonly #streams = new Map<number, ResponseStream>();
  /** The last streaming handler. It may run on after the end of its stream, and the next one waits for it. */
  #streaming = Promise.resolve();
  readonly #prefetched: PrefetchQueue;
  #begun = 0;
  #ended = 0;
  #ranMs = 0;

  constructor(
    channel: Channel,
    writer: FrameWriter,
    handler: Handler,
    invokeStore: InvokeStoreBase,
    env: NodeJS.ProcessEnv,
  ) {
    this.#channel = channel;
    this.#writer = writer;
    this.#handler = handler;
    this.#invokeStore = invokeStore;
    this.#env = env;
    this.#isSerial = env.AWS_LAMBDA_MAX_CONCURRENCY === undefined;
    this.#hasCallbacks = hasCallbacks(env.AWS_EXECUTION_ENV);
    this.#createContext = contextFactory(env);
    this.#prefetched = new PrefetchQueue({
      channel,
      isBusy: () => this.#begun > this.#ended,
      begin: (frame) => this.#invoke(frame),
      giveBack: (frame) => this.#giveBack(frame),
    });
  }

  /** How many invocations have ended; undefined while one is running. */
  get finishedInvocations(): number | undefined {
    return this.#begun === this.#ended ? this.#ended : undefined;
  }

  /** Gives the events back that have not begun. The router could not tell them from one that ended the process. */
  end(): void {
    this.#prefetched.giveBack();
  }

  receive(frame: Frame): void {
    switch (frame.kind) {
      case Kind.invoke:
        this.#invoke(frame);
        break;
      case Kind.prefetch:
        // A stream may last, and its handler even longer.
        if (this.#handler.streaming) this.#giveBack(frame);
        else this.#prefetched.push(frame);
        break;
      case Kind.ping:
        this.#writer.send(Kind.pong, Flag.none, 0, '', this.#work());
        break;
      case Kind.streamAcknowledged:
        this.#streams.get(frame.id)?.acknowledge(frame.body.readUInt32LE(0));
        break;
    }
  }

  #giveBack({ id }: Frame): void {
    this.#writer.send(Kind.returned, Flag.none, id);
  }

  #work(): Buffer {
    const { active } = performance.eventLoopUtilization();
    return encodeWork({ activeMs: active, ended: this.#ended, ranMs: this.#ranMs });
  }

  #invoke(frame: Frame): void {
    this.#begun++;
    const head = JSON.parse(frame.head.toString()) as InvokeHead;
    if (head.timeoutMs !== undefined) head.deadlineMs = Date.now() + head.timeoutMs;
    const handler = this.#handler;
    if (!handler.streaming) this.#run(head, () => this.#answer(frame, head, handler));
    else if (!this.#isSerial) this.#run(head, () => this.#stream(frame, head, handler));
    else this.#streaming = this.#streaming.then(() => this.#run(head, () => this.#stream(frame, head, handler)));
  }

  #run(head: InvokeHead, work: () => Promise<void>): Promise<void> {
    const { requestId, traceId } = head;
    // The variable is process-wide, so it can name a trace only where one invocation runs at a time.
    if (this.#isSerial) {
      if (traceId) this.#env._X_AMZN_TRACE_ID = traceId;
      else delete this.#env._X_AMZN_TRACE_ID;
    }
    return this.#invokeStore.run({ [REQUEST_ID]: requestId, [X_RAY_TRACE_ID]: traceId, [invokeHead]: head }, work);
  }

  async #answer(frame: Frame, head: InvokeHead, { handle }: Handler & { streaming: false }): Promise<void> {
    // A handler that waits for what never comes ends its process, as on Lambda: nothing else keeps the event loop alive.
    if (this.#isSerial) this.#channel.unref?.();
    const begun = performance.now();
    try {
      this.#respond(frame, await this.#call(handle, eventOf(frame, head), this.#createContext(head)));
    } catch (error) {
      await logFailure(error);
      this.#writer.send(Kind.error, Flag.none, frame.id, JSON.stringify(toErrorHead(error)));
    } finally {
      this.#ended++;
      this.#ranMs += performance.now() - begun;
      if (this.#isSerial) this.#channel.ref?.();
      this.#prefetched.ended();
    }
  }

  #call(handle: BufferedHandler, event: unknown, context: object): unknown {
    if (this.#hasCallbacks) return callWithCallback(handle, event, context, this.#isSerial);
    return (handle as (event: unknown, context: unknown) => unknown)(event, context);
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
        toJson(head),
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
    try {
      const returned = handle(eventOf(frame, head), toHandlerStream(response), this.#createContext(head));
      if (!isPromise(returned)) throw new Error('Streaming does not support non-async handlers.');
      if ((await returned) !== undefined) console.warn('Streaming handlers ignore return values.');
      await response.finished;
    } catch (error) {
      await logFailure(error);
      response.fail(error);
    } finally {
      this.#ended++;
    }
  }
}

/** Logs the error of a handler, after what the handler has left for this turn of the event loop, as on Lambda. */
async function logFailure(thrown: unknown): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  console.error(toError(thrown));
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Puts an event together from a frame's head and body. */
function eventOf({ flags, body }: Frame, { event }: InvokeHead): unknown {
  if (!event) return JSON.parse(body.toString());
  if (flags & Flag.textBody) event.body = body.toString();
  else if (flags & Flag.binaryBody) event.body = body.toString('base64');
  return event;
}

/** Tells whether JSON of a result is a plain object in API Gateway's full form, whose body can travel apart. */
function isProxyResult(result: unknown): result is { statusCode: number; body?: string; isBase64Encoded?: boolean } {
  if (typeof result !== 'object' || result === null || Object.getPrototypeOf(result) !== Object.prototype) return false;
  const { statusCode, body, toJSON } = result as { statusCode?: unknown; body?: unknown; toJSON?: unknown };
  if (typeof statusCode !== 'number' || toJSON !== undefined || !isEnumerable.call(result, 'statusCode')) return false;
  return body === undefined || (typeof body === 'string' && isEnumerable.call(result, 'body'));
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

/**
 * @throws Runtime.JSONStringifyError
 * @throws TypeError for a function, for which JSON.stringify returns nothing, with the text of aws-lambda-ric
 */
function toJson(result: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(result === undefined ? null : result);
  } catch {
    throw new JSONStringifyError();
  }
  if (json === undefined) throw new TypeError('Wrong arguments');
  return json;
}
