import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invocation } from '../invocation.ts';
import { eventJson } from './event-json.ts';

const parsed = (invocation: Omit<Invocation, 'requestId'>): unknown =>
  JSON.parse(Buffer.concat(eventJson({ requestId: '', ...invocation }).map((piece) => Buffer.from(piece))).toString());

test('an event without a body is as it is', () => {
  assert.deepEqual(parsed({ event: { version: '2.0', isBase64Encoded: false } }), {
    version: '2.0',
    isBase64Encoded: false,
  });
});

test('a text body joins its event', () => {
  const body = Buffer.from('{"name":"João \\"J\\"\\n🙂"}');
  assert.deepEqual(parsed({ event: { isBase64Encoded: false }, body }), {
    isBase64Encoded: false,
    body: body.toString(),
  });
});

test('a binary body joins its event as base64', () => {
  const body = Buffer.from([0, 255, 128]);
  assert.deepEqual(parsed({ event: { isBase64Encoded: true }, body, isBase64Encoded: true }), {
    isBase64Encoded: true,
    body: 'AP+A',
  });
});

test('a body of no bytes is a body, and joins an event of no keys too', () => {
  assert.deepEqual(parsed({ event: {}, body: Buffer.alloc(0) }), { body: '' });
  assert.deepEqual(parsed({ event: {}, body: Buffer.alloc(0), isBase64Encoded: true }), { body: '' });
});

test('a payload is the event, byte for byte', () => {
  const payload = Buffer.from(' {"a" : 1}');
  assert.deepEqual(eventJson({ requestId: '', payload }), [payload]);
});
