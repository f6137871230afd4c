/**
 * The runtime client inside a function process: takes events from the framed channel on file descriptor 3, calls the
 * handler, and sends its answers back. It does for the router what aws-lambda-ric does for Lambda.
 */
import { Socket } from 'node:net';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';
import { Flag, type Frame, FrameReader, FrameWriter, Kind } from '../frames.ts';
import { patchConsole, writeEntry } from './console.ts';
import { createContext, type InvocationHead } from './context.ts';
import { jsonStringifyError, toErrorReport } from './errors.ts';
import { type Handler, loadHandler } from './handler.ts';
import { highWaterMarkOf, installStreamingGlobals, ResponseStream } from './response-stream.ts';

const { REQUEST_ID, X_RAY_TRACE_ID } = InvokeStoreBase.PROTECTED_KEYS;
const { env } = process;

const channel = new Socket({ fd: 3, readable: true, writable: true });
const writer = new FrameWriter(channel);
const streams = new Map<number, ResponseStream>();

installStreamingGlobals();
const invokeStore = await InvokeStore.getInstanceAsync();
patchConsole(() => invokeStore.get(REQUEST_ID) as string | undefined, env.AWS_LAMBDA_LOG_LEVEL);

// The router went away without ending us: nobody is left to answer.
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C reaches the whole process group; when to end is the router's to say.
process.on('SIGINT', () => {});
process.on('uncaughtException', (error) => crash(129, 'Uncaught Exception', error));
process.on('unhandledRejection', (reason) => crash(128, 'Unhandled Promise Rejection', reason));

let handler: Handler;
try {
  handler = await loadHandler(env.LAMBDA_TASK_ROOT ?? '', env._HANDLER ?? '');
  const reader = new FrameReader(receive);
  channel.on('data', (chunk: Buffer) => reader.push(chunk));
  writer.send(Kind.ready, Flag.none, 0);
} catch (error) {
  // An error thrown while the module loads reaches the router in words; then the process ends, as on Lambda.
  writer.send(Kind.initError, Flag.none, 0, JSON.stringify(toErrorReport(error)));
  setImmediate(() => channel.end(() => process.exit(1)));
}

function receive(frame: Frame): void {
  switch (frame.kind) {
    case Kind.invoke:
      invoke(frame);
      break;
    case Kind.ping:
      writer.send(Kind.pong, Flag.none, 0);
      break;
    case Kind.streamAcknowledged:
      streams.get(frame.id)?.acknowledge(frame.body.readUInt32LE(0));
      break;
  }
}

function invoke(frame: Frame): void {
  const head = JSON.parse(frame.head.toString()) as InvocationHead;
  // X-Ray's variable is process-wide, so it is only set where one invocation runs at a time.
  if (env.AWS_LAMBDA_MAX_CONCURRENCY === undefined && head.traceId) env._X_AMZN_TRACE_ID = head.traceId;
  invokeStore.run({ [REQUEST_ID]: head.requestId, [X_RAY_TRACE_ID]: head.traceId }, () =>
    handler.streaming ? stream(frame, head, handler) : answer(frame, head, handler),
  );
}

function eventOf({ flags, body }: Frame, { event }: InvocationHead): unknown {
  if (!event) return JSON.parse(body.toString());
  if (flags & Flag.textBody) event.body = body.toString();
  else if (flags & Flag.binaryBody) event.body = body.toString('base64');
  return event;
}

async function answer(frame: Frame, head: InvocationHead, { handle }: Handler & { streaming: false }): Promise<void> {
  try {
    const result = await handle(eventOf(frame, head), createContext(head));
    respond(frame, result);
  } catch (error) {
    writeEntry('ERROR', head.requestId, ['Invoke Error', error]);
    writer.send(Kind.error, Flag.none, frame.id, JSON.stringify(toErrorReport(error)));
  }
}

/** An answer in API Gateway's full form goes as head and body apart; any other as its JSON. */
function respond({ id, flags }: Frame, result: unknown): void {
  if (!(flags & Flag.payload) && isProxyResponse(result)) {
    const { body = '', ...head } = result;
    const binary = result.isBase64Encoded === true;
    writer.send(
      Kind.response,
      binary ? Flag.binaryBody : Flag.textBody,
      id,
      JSON.stringify(head),
      binary ? Buffer.from(body, 'base64') : body,
    );
    return;
  }
  let json: string;
  try {
    json = JSON.stringify(result ?? null);
  } catch (error) {
    throw jsonStringifyError(error);
  }
  writer.send(Kind.response, Flag.payload, id, '', json);
}

function isProxyResponse(result: unknown): result is { statusCode: number; body?: string; isBase64Encoded?: boolean } {
  if (typeof result !== 'object' || result === null) return false;
  const { statusCode, body } = result as { statusCode?: unknown; body?: unknown };
  return typeof statusCode === 'number' && (body === undefined || typeof body === 'string');
}

async function stream(frame: Frame, head: InvocationHead, { handle }: Handler & { streaming: true }): Promise<void> {
  const response = new ResponseStream(writer, frame.id, highWaterMarkOf(handle));
  streams.set(frame.id, response);
  response.on('close', () => streams.delete(frame.id));
  // A write after the client has gone is no crash of the function.
  response.on('error', () => {});
  try {
    await handle(eventOf(frame, head), response, createContext(head));
    if (!response.writableEnded) throw new Error('The handler returned without ending its response stream');
  } catch (error) {
    writeEntry('ERROR', head.requestId, ['Invoke Error', error]);
    response.fail(error);
  }
}

function crash(code: number, message: string, thrown: unknown): void {
  writeEntry('FATAL', invokeStore.get(REQUEST_ID) as string | undefined, [message, thrown]);
  process.exit(code);
}
