/** Properties of streamed answers: a stream that was put together of head and body comes apart into the same two. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { MalformedResponseError } from './http-response.ts';
import { readPrelude } from './prelude.ts';

const delimiter = Buffer.alloc(8);
/** Zero bytes are frequent: a delimiter may seem to begin earlier, and to go on in the body. */
const bytes = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })), { maxLength: 40 })
  .map((numbers) => Buffer.from(numbers));
const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });

/** @returns a stream that gives the bytes in pieces of these lengths */
function streamOf(content: Buffer, lengths: readonly number[]): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < content.length; i++) {
    const end = at + (lengths[i % lengths.length] ?? 1);
    pieces.push(content.subarray(at, end));
    at = end;
  }
  return Readable.from(pieces, { objectMode: false });
}

it('every head and every body come apart again, wherever the stream is cut', () =>
  holds(
    fc.asyncProperty(fc.json(), bytes, cuts, async (head, body, lengths) => {
      const stream = streamOf(Buffer.concat([Buffer.from(head), delimiter, body]), lengths);
      assert.deepEqual(await readPrelude(stream), JSON.parse(head));
      assert.ok((await buffer(stream)).equals(body));
    }),
  ));

it('any other bytes are a malformed answer', () =>
  holds(
    fc.asyncProperty(bytes, bytes, cuts, async (before, after, lengths) => {
      const content = Buffer.concat([Buffer.from('x'), before, delimiter, after]);
      await assert.rejects(readPrelude(streamOf(content, lengths)), MalformedResponseError);
    }),
  ));
