/** The trace context of a request to the site, which the site passes on to the API. @see infra/docs/decisions/058-trace-context.md */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isTraceparent, newTraceparent } from '../../../infra/http/trace-context.ts';

/** The headers `traceparent` and `tracestate` of requests to the API, as far as there are any. */
export type TraceHeaders = Record<string, string>;

/**
 * Makes a trace context for a request that has no valid one.
 * @param headers get it, for the pages
 * @returns the trace context
 */
export function keepTrace(headers: IncomingHttpHeaders): TraceHeaders {
  if (!isTraceparent(headers.traceparent)) {
    headers.traceparent = newTraceparent(randomUUID());
    // It belongs to the invalid header.
    delete headers.tracestate;
  }
  const { traceparent, tracestate } = headers as { traceparent: string; tracestate?: string };
  return { traceparent, ...(tracestate !== undefined && { tracestate }) };
}

/** @returns the trace context that `keepTrace` has left in a request */
export function traceOf(headers: Headers): TraceHeaders {
  const [traceparent, tracestate] = [headers.get('traceparent'), headers.get('tracestate')];
  return { ...(traceparent !== null && { traceparent }), ...(tracestate !== null && { tracestate }) };
}
