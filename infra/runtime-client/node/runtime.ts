/**
 * The runtime client: takes events from a framed channel, calls the handler, and sends its answers back. It does for the
 * router what aws-lambda-ric does for Lambda.
 */
import type { Duplex } from 'node:stream';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';
import { collectWhenIdle, growHeapBy } from '../../v8/heap.ts';
import { Flag, type Frame, FrameReader, FrameWriter, Kind } from '../../wire/frames.ts';
import { outputWritten } from '../../wire/stdout.ts';
import { patchConsole, writeEntry } from './console.ts';
import { contextFactory, type InvocationHead } from './context.ts';
import { jsonStringifyError, toErrorReport } from './errors.ts';
import { type Handler, loadHandler } from './handler.ts';
import { highWaterMarkOf, installStreamingGlobals, ResponseStream } from './response-stream.ts';

const { REQUEST_ID, X_RAY_TRACE_ID } = InvokeStoreBase.PROTECTED_KEYS;

installStreamingGlobals();
let invokeStore: InvokeStoreBase | undefined;

/** The id of the invocation that the calling code runs for; undefined outside of one. */
export function currentRequestId(): string | undefined {
  return invokeStore?.get(REQUEST_ID) as string | undefined;
}

/**
 * Loads the handler that the environment names and serves the channel with it.
 * @param env Lambda's variables: _HANDLER, LAMBDA_TASK_ROOT, AWS_LAMBDA_*
 * @returns false when the handler can't be loaded; the channel has been told why
 */
export async function startRuntime(channel: Duplex, env: NodeJS.ProcessEnv): Promise<boolean> {
  patchConsole(currentRequestId, env.AWS_LAMBDA_LOG_LEVEL);
  const writer = new FrameWriter(channel);
  const store = await InvokeStore.getInstanceAsync();
  invokeStore = store;
  try {
    const handler = await loadHandler(env.LAMBDA_TASK_ROOT ?? '', env._HANDLER ?? '', env.NODE_COMPILE_CACHE);
    const runtime = new Runtime(writer, handler, store, env);
    const reader = new FrameReader((frame) => runtime.receive(frame));
    channel.on('data', (chunk: Buffer) => reader.push(chunk));
    writer.send(Kind.ready, Flag.none, 0);
    growHeapBy(100);
    collectWhenIdle(() => runtime.idleAfter);
    return true;
  } catch (error) {
    writer.send(Kind.initError, Flag.none, 0, JSON.stringify(toErrorReport(error)));
    return false;
  }
}

class Runtime {
  readonly #writer: FrameWriter;
  readonly #handler: Handler;
  readonly #invokeStore: InvokeStoreBase;
  readonly #env: NodeJS.ProcessEnv;
  readonly #createContext: ReturnType<typeof contextFactory>;
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

  /** Invocations so far; undefined while one is in hand. */
  get idleAfter(): number | undefined {
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
    const head = JSON.parse(frame.head.toString()) as InvocationHead;
    // X-Ray's variable is process-wide, so it is only set where one invocation runs at a time.
    if (this.#env.AWS_LAMBDA_MAX_CONCURRENCY === undefined && head.traceId) this.#env._X_AMZN_TRACE_ID = head.traceId;
    const handler = this.#handler;
    this.#invokeStore.run({ [REQUEST_ID]: head.requestId, [X_RAY_TRACE_ID]: head.traceId }, () =>
      handler.streaming ? this.#stream(frame, head, handler) : this.#answer(frame, head, handler),
    );
  }

  async #answer(frame: Frame, head: InvocationHead, { handle }: Handler & { streaming: false }): Promise<void> {
    try {
      const result = await handle(eventOf(frame, head), this.#createContext(head));
      // Clients of the Invoke API get the log with the answer.
      if (frame.flags & Flag.payload) await outputWritten();
      this.#respond(frame, result);
    } catch (error) {
      writeEntry('ERROR', head.requestId, ['Invoke Error', error]);
      if (frame.flags & Flag.payload) await outputWritten();
      this.#writer.send(Kind.error, Flag.none, frame.id, JSON.stringify(toErrorReport(error)));
    } finally {
      this.#ended++;
    }
  }

  /** An answer in API Gateway's full form goes as head and body apart; any other as its JSON. */
  #respond({ id, flags }: Frame, result: unknown): void {
    if (!(flags & Flag.payload) && isProxyResponse(result)) {
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

  async #stream(frame: Frame, head: InvocationHead, { handle }: Handler & { streaming: true }): Promise<void> {
    const response = new ResponseStream(this.#writer, frame.id, highWaterMarkOf(handle));
    this.#streams.set(frame.id, response);
    response.on('close', () => this.#streams.delete(frame.id));
    // A write after the client has gone is no crash of the function.
    response.on('error', () => {});
    try {
      await handle(eventOf(frame, head), response, this.#createContext(head));
      if (!response.writableEnded) throw new Error('The handler returned without ending its response stream');
    } catch (error) {
      writeEntry('ERROR', head.requestId, ['Invoke Error', error]);
      response.fail(error);
    } finally {
      this.#ended++;
    }
  }
}

function eventOf({ flags, body }: Frame, { event }: InvocationHead): unknown {
  if (!event) return JSON.parse(body.toString());
  if (flags & Flag.textBody) event.body = body.toString();
  else if (flags & Flag.binaryBody) event.body = body.toString('base64');
  return event;
}

function isProxyResponse(result: unknown): result is { statusCode: number; body?: string; isBase64Encoded?: boolean } {
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
