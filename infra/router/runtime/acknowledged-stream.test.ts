import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { AcknowledgedStream } from './acknowledged-stream.ts';
import { BrokenStreamError } from './invocation.ts';

const failure = new BrokenStreamError({ errorType: 'Error', errorMessage: 'broke off' });

/** @returns a stream whose function sent three chunks and broke off, all in one read of its socket */
function brokenOff(): AcknowledgedStream {
  const stream = new AcknowledgedStream(() => {});
  for (const piece of ['00', '11', '22']) stream.accept(Buffer.from(piece));
  stream.finish(failure);
  return stream;
}

test('a reader that comes late gets all chunks, and then the error', async () => {
  const chunks: string[] = [];
  await assert.rejects(async () => {
    for await (const chunk of brokenOff()) chunks.push(String(chunk));
  }, failure);
  assert.equal(chunks.join(''), '001122');
});

test('a pipe gets all chunks, and then the error', async () => {
  const target = new PassThrough();
  const chunks: string[] = [];
  target.on('data', (chunk) => chunks.push(String(chunk)));
  await assert.rejects(pipeline(brokenOff(), target), failure);
  assert.equal(chunks.join(''), '001122');
});

test('a stream that breaks off with nothing to read fails at once', async () => {
  const stream = new AcknowledgedStream(() => {});
  stream.finish(failure);
  await assert.rejects(text(stream), failure);
});
