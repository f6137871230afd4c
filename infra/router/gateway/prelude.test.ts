import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { MalformedResponseError } from './http-response.ts';
import { readPrelude } from './prelude.ts';

const delimiter = '\0'.repeat(8);

describe('the prelude of a streamed answer', { concurrency: true }, () => {
  it('is read off whatever its chunks are, and leaves the body', async () => {
    const bytes = Buffer.from(`{"statusCode":201}${delimiter}body\0`);
    for (const size of [1, 3, 8, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const stream = Readable.from(pieces, { objectMode: false });
      assert.deepEqual(await readPrelude(stream), { statusCode: 201 });
      assert.equal(await text(stream), 'body\0', `pieces of ${size}`);
    }
  });

  it('may be empty, and have no body after it', async () => {
    const stream = Readable.from([Buffer.from(delimiter)], { objectMode: false });
    assert.deepEqual(await readPrelude(stream), {});
    assert.equal(await text(stream), '');
  });

  it('is malformed when it is not JSON, has no end, or is too long', async () => {
    for (const pieces of [
      [`{"statusCode"${delimiter}`],
      ['{"statusCode":200}'],
      Array.from({ length: 300 }, () => 'x'.repeat(1024)),
    ]) {
      const stream = Readable.from(
        pieces.map((piece) => Buffer.from(piece)),
        { objectMode: false },
      );
      await assert.rejects(readPrelude(stream), MalformedResponseError);
    }
  });

  it('fails with the stream', async () => {
    const stream = new Readable({ read() {} });
    stream.push('{');
    const reading = assert.rejects(readPrelude(stream), /broke/);
    stream.destroy(new Error('broke'));
    await reading;
  });
});
