/**
 * Properties of event streams: a decoder that follows the specification reads every message back.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { encodeEvent } from './event-stream.ts';

const stringType = 7;

/** Reads the first message of a stream. @returns its headers, its payload and its length (bytes) */
function decode(stream: Buffer): { headers: Record<string, string>; payload: Buffer; length: number } {
  const length = stream.readUInt32BE(0);
  const headersEnd = 12 + stream.readUInt32BE(4);
  assert.equal(stream.readUInt32BE(8), crc32(stream.subarray(0, 8)), 'the checksum of the prelude');
  assert.equal(stream.readUInt32BE(length - 4), crc32(stream.subarray(0, length - 4)), 'the checksum of the message');
  const headers: Record<string, string> = {};
  for (let at = 12; at < headersEnd; ) {
    const nameEnd = at + 1 + stream.readUInt8(at);
    assert.equal(stream[nameEnd], stringType);
    const valueEnd = nameEnd + 3 + stream.readUInt16BE(nameEnd + 1);
    headers[stream.toString('utf8', at + 1, nameEnd)] = stream.toString('utf8', nameEnd + 3, valueEnd);
    at = valueEnd;
  }
  return { headers, payload: stream.subarray(headersEnd, length - 4), length };
}

const message = fc.record({
  eventType: fc.constantFrom('PayloadChunk', 'InvokeComplete'),
  contentType: fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

it('every sequence of messages is read back, one after the other', () =>
  holds(
    fc.property(fc.array(message), (messages) => {
      let stream = Buffer.concat(
        messages.map(({ eventType, contentType, payload }) => encodeEvent(eventType, contentType, payload)),
      );
      for (const { eventType, contentType, payload } of messages) {
        const found = decode(stream);
        assert.deepEqual(found.headers, {
          ...{ ':message-type': 'event', ':event-type': eventType, ':content-type': contentType },
        });
        assert.ok(found.payload.equals(payload));
        stream = stream.subarray(found.length);
      }
      assert.equal(stream.length, 0);
    }),
  ));
