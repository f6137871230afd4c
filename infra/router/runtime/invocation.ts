import type { Readable } from 'node:stream';

/** One event on its way to a function. */
export interface Invocation {
  /** Lambda's request id, API Gateway's too: one id follows a request through all logs. */
  requestId: string;
  /** The event without its body, for an invocation that came over HTTP … */
  event?: Record<string, unknown>;
  /** … its body … */
  body?: Buffer | undefined;
  /** … and whether the event is to carry it as base64. */
  isBase64Encoded?: boolean;
  /** The whole event as JSON, for one that came over the Invoke API. */
  payload?: Buffer;
  traceId?: string;
  clientContext?: unknown;
}

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** What a stream is destroyed with when its function fails in mid-answer. */
export class BrokenStreamError extends Error {
  override name = 'BrokenStream';
  readonly error: FunctionError;

  constructor(error: FunctionError) {
    super(`${error.errorType}: ${error.errorMessage}`);
    this.error = error;
  }
}

/** How an invocation ended. */
export type Outcome =
  /** API Gateway's form, taken apart: `head` is JSON without the body, `body` the bytes to send. */
  | { type: 'proxy'; head: Buffer; body: Buffer }
  /** Any other answer, as JSON. */
  | { type: 'payload'; payload: Buffer }
  /** A streamed answer that has begun. */
  | { type: 'stream'; contentType: string; stream: Readable }
  /** The handler threw; the environment lives on. */
  | { type: 'error'; error: FunctionError }
  /** The environment failed: it did not start, crashed, ran out of time, or answered with more than Lambda takes. */
  | { type: 'failure'; reason: 'init' | 'exit' | 'timeout' | 'size'; error: FunctionError }
  /** There was no room: reservedConcurrentExecutions reached. */
  | { type: 'throttled' };

export type Settle = (outcome: Outcome) => void;
