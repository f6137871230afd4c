/** The event that the router hands to a function, and the outcome of the invocation. */
import type { Readable } from 'node:stream';
import { traceIdOf as traceIdIn } from '../../http/trace-context.ts';

/** One event on its way to a function. Either `event` or `payload` is set. */
export interface Invocation {
  /** Id of the invocation for Lambda and of the request for API Gateway: one id follows a request through all logs. */
  requestId: string;
  /** The event of an HTTP request, without its body. */
  event?: Record<string, unknown>;
  /** The body of the HTTP request. */
  body?: Buffer | undefined;
  /** Whether the event carries the body as base64. */
  isBase64Encoded?: boolean;
  /** The whole event as JSON, when it came over the Invoke API. */
  payload?: Buffer;
  /** Value of the header X-Amzn-Trace-Id. The W3C trace id is in the event's header traceparent. */
  traceId?: string;
  /** The key of the HTTP client that takes turns with others. */
  client?: string;
  clientContext?: unknown;
}

/** An error in the form of the Lambda Runtime API. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  /** Lines of the stack trace. */
  trace?: string[];
}

/** The function failed after its streamed answer had begun. The stream is destroyed with this error. */
export class BrokenStreamError extends Error {
  override name = 'BrokenStream';
  readonly error: FunctionError;

  constructor(error: FunctionError) {
    super(`${error.errorType}: ${error.errorMessage}`);
    this.error = error;
  }
}

/** How an invocation ended. */
export type InvocationOutcome =
  /** An answer in API Gateway's full form: `head` is its JSON without the body, `body` the bytes of the body. */
  | { type: 'proxy'; head: Buffer; body: Buffer }
  /** Any other answer, as JSON. */
  | { type: 'payload'; payload: Buffer }
  /** A streamed answer that has begun. */
  | { type: 'stream'; contentType: string; stream: Readable }
  /** The handler threw. Its environment goes on. */
  | { type: 'error'; error: FunctionError }
  /** The environment did not start, ended, ran out of time, or gave an answer above Lambda's limit. */
  | { type: 'failure'; reason: 'init' | 'exit' | 'timeout' | 'size'; error: FunctionError }
  /** No environment had room in time, reservedConcurrentExecutions were running, or the wait would be too long (overloaded). */
  | { type: 'throttled'; overloaded?: true };

/** Ends an invocation. Only the first call counts. */
export type Settle = (outcome: InvocationOutcome) => void;

/** @returns the error of an invocation that failed or was throttled; undefined for an answer */
export function errorOf(outcome: InvocationOutcome): FunctionError | undefined {
  if (outcome.type === 'throttled') return { errorType: 'TooManyRequestsException', errorMessage: 'Rate exceeded' };
  return outcome.type === 'error' || outcome.type === 'failure' ? outcome.error : undefined;
}

/** @returns the W3C trace id of an event of the gateway, for logs; undefined for any other event */
export function traceIdOf(event: Record<string, unknown> | undefined): string | undefined {
  const { traceparent } = (event?.headers ?? {}) as { traceparent?: unknown };
  return traceIdIn(traceparent);
}

/**
 * Makes the trace id of an invocation that came without one. Lambda always gives one to a function, and AWS's X-Ray SDK logs
 * an error where it is missing. Slices cost half of what a replacement of the dashes does, for every request.
 * @param requestId a UUID
 * @returns the value of a header X-Amzn-Trace-Id that asks for no trace
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function untracedId(requestId: string): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const last = requestId.slice(24);
  const fourth = requestId.slice(19, 23);
  const begin = requestId.slice(0, 8) + requestId.slice(9, 13) + requestId.slice(14, 18);
  return `Root=1-${seconds}-${begin}${fourth}${last.slice(0, 4)};Parent=${fourth}${last};Sampled=0`;
}
