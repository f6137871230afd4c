import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { type Endpoint, openEndpoint, replyTo } from '../../../tests/support/runtime-api.ts';
import type { InvocationOutcome } from '../invocation.ts';

/** An endpoint whose one event has been handed out, and the request that streams its answer. */
async function streaming(t: TestContext, headers: Record<string, string> = {}) {
  const endpoint = await openEndpoint();
  t.after(() => endpoint.client.close());
  const { outcome, outcomes } = endpoint.invoke();
  await endpoint.call('GET', 'invocation/next');
  const request = openStream(endpoint, headers);
  return { ...endpoint, outcome, outcomes, request };
}

function openStream({ open }: Endpoint, headers: Record<string, string> = {}): ClientRequest {
  return open('POST', 'invocation/id-1/response', {
    'lambda-runtime-function-response-mode': 'streaming',
    'transfer-encoding': 'chunked',
    trailer: ['Lambda-Runtime-Function-Error-Type', 'Lambda-Runtime-Function-Error-Body'],
    ...headers,
  });
}

function fail(request: ClientRequest): void {
  const body = JSON.stringify({ errorType: 'TeapotError', errorMessage: 'short', trace: ['TeapotError: short'] });
  request.addTrailers({
    'Lambda-Runtime-Function-Error-Type': 'TeapotError',
    'Lambda-Runtime-Function-Error-Body': Buffer.from(body).toString('base64'),
  });
  request.end();
}

async function streamOf(outcome: Promise<InvocationOutcome>): Promise<Readable> {
  const { type, ...rest } = await outcome;
  assert.equal(type, 'stream');
  return (rest as { stream: Readable }).stream;
}

test('a stream begins with its first bytes, long before its end', async (t) => {
  const { request, outcome, outcomes } = await streaming(t, { 'content-type': 'text/x-pieces' });
  request.write('first');
  const stream = await streamOf(outcome);
  assert.equal((outcomes[0] as { contentType: string }).contentType, 'text/x-pieces');
  const [chunk] = await once(stream, 'data');
  assert.equal(String(chunk), 'first');
  request.end(' and last');
  assert.equal(await text(stream), ' and last');
  const { status, body } = await replyTo(request);
  assert.deepEqual([status, body], [202, { status: 'OK' }]);
});

test('a stream of no bytes is one', async (t) => {
  const { request, outcome } = await streaming(t);
  request.end();
  assert.equal(await text(await streamOf(outcome)), '');
  assert.equal((await replyTo(request)).status, 202);
});

test('an error before the first byte is the outcome', async (t) => {
  const { request, outcome } = await streaming(t);
  fail(request);
  const error = { errorType: 'TeapotError', errorMessage: 'short', trace: ['TeapotError: short'] };
  assert.deepEqual(await outcome, { type: 'error', error });
  assert.equal((await replyTo(request)).status, 202);
});

test('an error after the first byte breaks the stream', async (t) => {
  const { request, outcome } = await streaming(t);
  request.write('begun');
  const stream = await streamOf(outcome);
  const broken = assert.rejects(text(stream), /TeapotError: short/);
  fail(request);
  await broken;
  assert.equal((await replyTo(request)).status, 202);
});

test('a runtime that goes away breaks the stream', async (t) => {
  const { request, outcome } = await streaming(t);
  request.on('error', () => {});
  request.write('begun');
  const stream = await streamOf(outcome);
  const broken = assert.rejects(text(stream), /in mid-answer/);
  request.destroy();
  await broken;
});

test('closing the endpoint breaks the stream', async (t) => {
  const { client, request, outcome } = await streaming(t);
  request.on('error', () => {});
  request.write('begun');
  const stream = await streamOf(outcome);
  const broken = assert.rejects(text(stream), /in mid-answer/);
  client.close();
  await broken;
});

test('a stream is read no faster than its reader reads', async (t) => {
  const { request, outcome } = await streaming(t);
  const chunk = Buffer.alloc(256 * 1024, 'x');
  let sent = 0;
  // The function writes until the buffers of both sides are full.
  let drained = true;
  for (let idle = 0; idle < 20; ) {
    if (drained && sent < 200) {
      drained = request.write(chunk);
      sent++;
      if (!drained)
        request.once('drain', () => {
          drained = true;
        });
      idle = 0;
    } else idle++;
    await new Promise(setImmediate);
  }
  assert.ok(sent < 200, `${sent} chunks were taken with no reader`);
  const stream = await streamOf(outcome);
  request.end();
  let size = 0;
  for await (const piece of stream) size += piece.length;
  assert.equal(size, sent * chunk.length);
});

test('when the reader goes away the rest is taken and dropped, and only then the stream is closed', async (t) => {
  const { request, outcome } = await streaming(t);
  request.write('begun');
  const stream = await streamOf(outcome);
  let closed = false;
  stream.on('close', () => {
    closed = true;
  });
  stream.destroy();
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 20; i++) if (!request.write(chunk)) await once(request, 'drain');
  assert.equal(closed, false);
  const over = once(stream, 'close');
  request.end();
  await over;
  assert.equal((await replyTo(request)).status, 202);
});

test('a second answer is refused while a stream is under way, and after it', async (t) => {
  const { call, request, outcome } = await streaming(t);
  request.write('begun');
  const stream = await streamOf(outcome);
  assert.equal((await call('POST', 'invocation/id-1/response', { body: '{}' })).status, 400);
  request.end();
  assert.equal(await text(stream), 'begun');
  assert.equal((await replyTo(request)).status, 202);
  assert.equal((await call('POST', 'invocation/id-1/error', { body: '{}' })).status, 400);
});

test('a stream after the time-out is refused', async (t) => {
  const endpoint = await openEndpoint();
  t.after(() => endpoint.client.close());
  const { outcomes } = endpoint.invoke({}, 0);
  await endpoint.call('GET', 'invocation/next');
  const request = openStream(endpoint);
  request.end('late');
  assert.equal((await replyTo(request)).status, 410);
  assert.deepEqual(outcomes, []);
});
