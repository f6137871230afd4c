import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untracedId } from './invocation.ts';

test('the trace id of an invocation without one has the form of X-Ray, and the digits of the request id', () => {
  const traceId = untracedId('01234567-89ab-4def-8123-456789abcdef');
  assert.match(traceId, /^Root=1-[0-9a-f]{8}-0123456789ab4def81234567;Parent=8123456789abcdef;Sampled=0$/);
});
