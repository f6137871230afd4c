import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { it } from 'node:test';
import { isTraceparent } from '../../../infra/http/trace-context.ts';
import { keepTrace, traceOf } from './trace-headers.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

it('passes a valid trace context on', () => {
  const headers: IncomingHttpHeaders = { traceparent, tracestate: 'vendor=1' };
  assert.deepEqual(keepTrace(headers), { traceparent, tracestate: 'vendor=1' });
  assert.deepEqual(traceOf(new Headers(headers as Record<string, string>)), { traceparent, tracestate: 'vendor=1' });
});

it('makes one for a request without a valid one, and forgets the state of the invalid one', () => {
  const headers: IncomingHttpHeaders = { traceparent: 'nonsense', tracestate: 'vendor=1' };
  const made = keepTrace(headers);
  assert.ok(isTraceparent(made.traceparent));
  assert.deepEqual({ ...headers }, { traceparent: made.traceparent });
  assert.notEqual(keepTrace({}).traceparent, keepTrace({}).traceparent);
});
