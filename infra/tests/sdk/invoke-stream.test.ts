import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandInput,
  type InvokeWithResponseStreamCompleteEvent,
  type LambdaClient,
  ResourceNotFoundException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { type Router, startRouter } from '../support/router.ts';
import { createClient, toLog } from './client.ts';

const concurrency = { concurrency: true };
let router: Router;
let client: LambdaClient;

before(async () => {
  router = await startRouter({ dist: 'dist/fixtures' });
  client = createClient(router);
});

after(async () => {
  client?.destroy();
  await router?.stop();
});

const send = (FunctionName: string, event: object, input: Partial<InvokeWithResponseStreamCommandInput> = {}) =>
  client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload: JSON.stringify(event), ...input }));

async function read(answer: Awaited<ReturnType<typeof send>>) {
  const chunks: Uint8Array[] = [];
  let complete: InvokeWithResponseStreamCompleteEvent | undefined;
  for await (const event of answer.EventStream ?? []) {
    assert.equal(complete, undefined, 'nothing comes after InvokeComplete');
    if (event.PayloadChunk) chunks.push(event.PayloadChunk.Payload ?? new Uint8Array());
    complete = event.InvokeComplete;
  }
  assert.ok(complete, 'the stream ends with InvokeComplete');
  return { chunks, text: Buffer.concat(chunks).toString(), complete };
}

test('a streamed answer arrives chunk by chunk', concurrency, async () => {
  const answer = await send('stream', { queryStringParameters: { plain: '1', chunks: '5' } });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.ExecutedVersion, '$LATEST');
  const { text, complete } = await read(answer);
  assert.equal(text, '00001111222233334444');
  assert.deepEqual([complete.ErrorCode, complete.ErrorDetails, complete.LogResult], [undefined, undefined, undefined]);
});

test('several megabytes arrive whole', concurrency, async () => {
  const parameters = { plain: '1', chunks: '50', size: '100000' };
  const { text, chunks } = await read(await send('stream', { queryStringParameters: parameters }));
  assert.equal(text.length, 5_000_000);
  assert.ok(chunks.length > 1);
});

test('the prelude of HttpResponseStream comes as it was written', concurrency, async () => {
  const { text } = await read(await send('stream', {}));
  const [prelude, body] = text.split('\0'.repeat(8));
  assert.equal(JSON.parse(prelude ?? '').statusCode, 201);
  assert.equal(body, '000011112222');
});

test('a function that does not stream answers in one chunk', concurrency, async () => {
  const { text, chunks } = await read(await send('echo', { a: 1 }));
  assert.deepEqual(JSON.parse(text).event, { a: 1 });
  assert.equal(chunks.length, 1);
});

test('a stream that breaks off ends with the error', concurrency, async () => {
  const answer = await send('stream', { queryStringParameters: { plain: '1', fail: '1' } });
  const { text, complete } = await read(answer);
  assert.equal(text, '0000');
  assert.equal(complete.ErrorCode, 'Unhandled');
  const details = JSON.parse(complete.ErrorDetails ?? '');
  assert.deepEqual([details.errorType, details.errorMessage], ['Error', 'broke off']);
});

test('an error before the first byte is an InvokeComplete alone', concurrency, async () => {
  const answer = await send('handled-error', { queryStringParameters: { throw: '1' } });
  const { chunks, complete } = await read(answer);
  assert.equal(chunks.length, 0);
  assert.equal(complete.ErrorCode, 'Unhandled');
  assert.equal(JSON.parse(complete.ErrorDetails ?? '').errorType, 'TeapotError');
});

test('LogType Tail comes with InvokeComplete', concurrency, async () => {
  const { complete } = await read(await send('logs', { lines: 1 }, { LogType: 'Tail' }));
  assert.match(toLog(complete.LogResult), /^START RequestId: .+line 1 é.+END RequestId: .+REPORT /s);
});

test('after a client breaks off, the next one gets its whole answer', concurrency, async () => {
  const long = { queryStringParameters: { plain: '1', chunks: '500', size: '10000' } };
  for await (const event of (await send('stream', long)).EventStream ?? []) {
    assert.ok(event.PayloadChunk);
    break;
  }
  const { text } = await read(await send('stream', { queryStringParameters: { plain: '1' } }));
  assert.equal(text, '000011112222');
});

test('dry runs, unknown functions and throttling are as with Invoke', concurrency, async () => {
  assert.equal((await send('stream', {}, { InvocationType: 'DryRun' })).StatusCode, 204);
  await assert.rejects(send('nobody', {}), ResourceNotFoundException);
  await assert.rejects(send('reserved-zero', {}), TooManyRequestsException);
});
