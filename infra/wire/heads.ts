/** The JSON heads of frames, as the router and the runtime client read and write them. */

/** Head of an `invoke` or `prefetch` frame. */
export interface InvokeHead {
  requestId: string;
  /** When the invocation's time-out ends (ms since the epoch). */
  deadlineMs: number;
  /** The time-out (ms), in a `prefetch` frame: there the time begins with the invocation. */
  timeoutMs?: number | undefined;
  /** ARN of the function. */
  arn: string;
  traceId?: string | undefined;
  clientContext?: unknown;
  /** The event without its body; missing when the frame's body is the whole event. */
  event?: Record<string, unknown> | undefined;
}

/** Head of an `error`, `initError` or `streamError` frame: the error document of the Lambda Runtime API. */
export interface ErrorHead {
  /** Undefined for an error without a name. */
  errorType: string | undefined;
  errorMessage: string | undefined;
  /** Lines of the stack trace. */
  trace: string[];
}

/** Head of a `streamStart` frame. */
export interface StreamStartHead {
  /** A valid HTTP header value (header-value.ts). */
  contentType: string;
}
