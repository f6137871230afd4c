/**
 * Reads the request of the operations that invoke a function: Invoke and InvokeWithResponseStream.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestSyntax
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config.ts';
import { PayloadTooLargeError, RequestMemoryFullError, readBody } from '../gateway/request-body.ts';
import type { Limits } from '../http/limits.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { Invocation } from '../runtime/invocation.ts';
import type { Pool } from '../runtime/pool.ts';
import { invalidContent, invalidValue, requestTooLarge, tooManyRequests } from './api-error.ts';
import type { EventQueue } from './event-queue.ts';
import { findFunction, parseFunctionName } from './function-name.ts';
import type { LogTails } from './log-tail.ts';
import type { ControlRequest } from './operations.ts';

/** The parts of the router that the operations need. */
export interface ControlContext {
  config: Config;
  host: FunctionHost;
  limits: Limits;
  tails: LogTails;
  queue: EventQueue;
}

/** RequestResponse waits for the answer, Event queues the event, DryRun only checks the request. */
export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

/** A request that was read and checked. */
export interface InvocationRequest {
  pool: Pool;
  type: InvocationType;
  /** The client wants the end of the log. */
  wantsTail: boolean;
  invocation: Invocation & { payload: Buffer };
  /** Gives the payload's memory back. The operation calls it once the invocation has an outcome. */
  release(): void;
}

/**
 * Lambda's limit for an event that it queues.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const maxQueuedPayloadBytes = 1024 * 1024;

/**
 * Reads and checks a request.
 * @param types invocation types that the operation takes
 * @throws InvalidParameterValueException, ResourceNotFoundException, RequestTooLargeException, InvalidRequestContentException,
 *   TooManyRequestsException
 */
export async function readInvocation(
  { request, requestId, parameters, query }: ControlRequest,
  { config, host, limits }: ControlContext,
  types: readonly InvocationType[],
): Promise<InvocationRequest> {
  const { headers } = request;
  const type = choice(headers['x-amz-invocation-type'], 'invocationType', types, 'RequestResponse');
  const logType = choice(headers['x-amz-log-type'], 'logType', ['Tail', 'None'], 'None');
  const pool = findFunction(parseFunctionName(parameters.name ?? '', query.get('Qualifier')), host, config);
  const limit = type === 'Event' ? Math.min(maxQueuedPayloadBytes, config.maxPayloadBytes) : config.maxPayloadBytes;
  const body = await readBody(request, limit, limits.requestMemory).catch((error: Error) => {
    if (error instanceof PayloadTooLargeError) throw requestTooLarge(limit);
    if (error instanceof RequestMemoryFullError) throw tooManyRequests('CallerRateLimitExceeded');
    throw invalidContent('The client broke off the request');
  });
  const { release } = body;
  const invocation: InvocationRequest['invocation'] = { requestId, payload: body.bytes };
  try {
    if (invocation.payload.length === 0) invocation.payload = Buffer.from('{}');
    else checkJson(invocation.payload);
    readContext(invocation, headers, type);
  } catch (error) {
    release();
    throw error;
  }
  return { pool, type, wantsTail: logType === 'Tail', invocation, release };
}

function readContext(invocation: Invocation, headers: IncomingHttpHeaders, type: InvocationType): void {
  const trace = headers['x-amzn-trace-id'];
  if (typeof trace === 'string') invocation.traceId = trace;
  // "Lambda passes the ClientContext object to your function for synchronous invocations only."
  const clientContext = headers['x-amz-client-context'];
  if (typeof clientContext === 'string' && type !== 'Event') invocation.clientContext = parseContext(clientContext);
}

function choice<T extends string>(
  value: string | string[] | undefined,
  member: string,
  choices: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  const found = choices.find((one) => one === value);
  if (!found) throw invalidValue(String(value), member, `enum value set: [${choices.join(', ')}]`);
  return found;
}

function checkJson(payload: Buffer): void {
  const fail = (why: string) =>
    invalidContent(`Could not parse request body into json: Could not parse payload into json: ${why}`);
  if (!isUtf8(payload)) throw fail('Invalid UTF-8');
  try {
    JSON.parse(payload.toString());
  } catch (error) {
    throw fail((error as Error).message);
  }
}

/** Lambda's limit of a client context (bytes, in base64). @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const maxContextBytes = 3583;

function parseContext(text: string): object {
  if (text.length > maxContextBytes) throw invalidContent(`Client context has more than ${maxContextBytes} bytes.`);
  try {
    const context: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    if (typeof context === 'object' && context !== null) return context;
  } catch {}
  throw invalidContent('Client context must be a valid Base64-encoded JSON object.');
}
