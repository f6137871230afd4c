import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arn, openEndpoint, replyTo } from '../../../tests/support/runtime-api.ts';
import { maxResponseBytes } from './runtime-api-client.ts';

async function endpointFor(t: TestContext) {
  const endpoint = await openEndpoint();
  t.after(() => endpoint.client.close());
  return endpoint;
}

const accepted = { status: 'OK' };
const invalidRequestId = { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' };
const invokeTimeout = { errorMessage: 'Invoke timeout', errorType: 'InvokeTimeout' };

test('the first request for an event, and no later one, ends INIT', async (t) => {
  const endpoint = await endpointFor(t);
  assert.equal(endpoint.readies, 0);
  endpoint.invoke();
  await endpoint.call('GET', 'invocation/next');
  assert.equal(endpoint.readies, 1);
  endpoint.invoke({ requestId: 'id-2' });
  await endpoint.call('GET', 'invocation/next');
  assert.equal(endpoint.readies, 1);
});

test('an event comes with its headers', async (t) => {
  const { call, invoke } = await endpointFor(t);
  const clientContext = { custom: { name: 'João "J" \u007f 🙂' } };
  invoke({
    payload: Buffer.from('{"a":1}'),
    traceId: 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1',
    clientContext,
  });
  const { status, headers, text } = await call('GET', 'invocation/next');
  assert.equal(status, 200);
  assert.equal(text, '{"a":1}');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['lambda-runtime-aws-request-id'], 'id-1');
  assert.equal(headers['lambda-runtime-invoked-function-arn'], arn);
  assert.equal(headers['lambda-runtime-trace-id'], 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1');
  const left = Number(headers['lambda-runtime-deadline-ms']) - Date.now();
  assert.ok(left > 50_000 && left <= 60_000, `${left} ms left`);
  assert.deepEqual(JSON.parse(String(headers['lambda-runtime-client-context'])), clientContext);
});

test('headers that have nothing to say are left out', async (t) => {
  const { call, invoke } = await endpointFor(t);
  invoke({ event: {} });
  const { headers } = await call('GET', 'invocation/next');
  assert.equal(headers['lambda-runtime-trace-id'], undefined);
  assert.equal(headers['lambda-runtime-client-context'], undefined);
});

test('a request for an event waits for one', async (t) => {
  const { arrival, call, invoke } = await endpointFor(t);
  const arrived = arrival('next');
  const polled = call('GET', 'invocation/next');
  await arrived;
  invoke({ event: { late: true } });
  assert.deepEqual((await polled).body, { late: true });
});

test('several open requests get several events, in turn', async (t) => {
  const { call, invoke } = await endpointFor(t);
  const polls = [call('GET', 'invocation/next'), call('GET', 'invocation/next')];
  for (const requestId of ['id-1', 'id-2', 'id-3']) invoke({ requestId });
  const ids = (await Promise.all(polls)).map(({ headers }) => headers['lambda-runtime-aws-request-id']);
  assert.deepEqual(ids.sort(), ['id-1', 'id-2']);
  const third = await call('GET', 'invocation/next');
  assert.equal(third.headers['lambda-runtime-aws-request-id'], 'id-3');
});

test('a request that was broken off gets no event', async (t) => {
  const { call, open, invoke, client } = await endpointFor(t);
  const gone = Promise.withResolvers<void>();
  const next = client.next.bind(client);
  client.next = (response) => {
    client.next = next;
    next(response);
    response.on('close', () => gone.resolve());
    polled.destroy();
  };
  const polled = open('GET', 'invocation/next');
  polled.on('error', () => {});
  polled.end();
  await gone.promise;
  invoke({ requestId: 'kept' });
  const { headers } = await call('GET', 'invocation/next');
  assert.equal(headers['lambda-runtime-aws-request-id'], 'kept');
});

test('an answer is accepted and is the outcome, as it came', async (t) => {
  const { call, invoke } = await endpointFor(t);
  const { outcome } = invoke();
  await call('GET', 'invocation/next');
  const { status, body } = await call('POST', 'invocation/id-1/response', { body: '{"statusCode":200,"body":"é"}' });
  assert.deepEqual([status, body], [202, accepted]);
  assert.deepEqual(await outcome, { type: 'payload', payload: Buffer.from('{"statusCode":200,"body":"é"}') });
});

test("a handler's error is accepted and is the outcome", async (t) => {
  const { call, invoke } = await endpointFor(t);
  const { outcome } = invoke();
  await call('GET', 'invocation/next');
  const error = { errorType: 'TeapotError', errorMessage: 'short', trace: ['TeapotError: short', ' at x'] };
  const { status, body } = await call('POST', 'invocation/id-1/error', { body: JSON.stringify(error) });
  assert.deepEqual([status, body], [202, accepted]);
  assert.deepEqual(await outcome, { type: 'error', error });
});

for (const [what, body] of Object.entries({ 'no JSON': 'oops', 'no object': '7', nothing: '' })) {
  test(`an error whose body is ${what} goes by its header`, async (t) => {
    const { call, invoke } = await endpointFor(t);
    const { outcome } = invoke();
    await call('GET', 'invocation/next');
    const headers = { 'lambda-runtime-function-error-type': 'Function.Custom' };
    await call('POST', 'invocation/id-1/error', { headers, body });
    assert.deepEqual(await outcome, { type: 'error', error: { errorType: 'Function.Custom', errorMessage: '' } });
  });
}

test('an error as large as its stack, repeated in a header, is accepted', async (t) => {
  const { call, invoke } = await endpointFor(t);
  const { outcome } = invoke();
  await call('GET', 'invocation/next');
  const headers = { 'lambda-runtime-function-xray-error-cause': 'x'.repeat(1024 * 1024) };
  const { status } = await call('POST', 'invocation/id-1/error', {
    headers,
    body: '{"errorType":"E","errorMessage":"m"}',
  });
  assert.equal(status, 202);
  assert.equal((await outcome).type, 'error');
});

for (const verb of ['response', 'error']) {
  test(`a ${verb} with the id of no invocation is refused`, async (t) => {
    const { call, invoke } = await endpointFor(t);
    const { outcomes } = invoke();
    await call('GET', 'invocation/next');
    for (const id of ['id-2', '%E0%A4%A', 'a%2Fb']) {
      const { status, body } = await call('POST', `invocation/${id}/${verb}`, { body: '{}' });
      assert.deepEqual([status, body], [400, invalidRequestId]);
    }
    assert.deepEqual(outcomes, []);
  });

  test(`a ${verb} to an event that no runtime has got yet is refused`, async (t) => {
    const { call, invoke } = await endpointFor(t);
    const { outcomes } = invoke();
    const { status, body } = await call('POST', `invocation/id-1/${verb}`, { body: '{}' });
    assert.deepEqual([status, body], [400, invalidRequestId]);
    assert.deepEqual(outcomes, []);
  });

  test(`a ${verb} after the answer is refused, and the first one stands`, async (t) => {
    const { call, invoke } = await endpointFor(t);
    const { outcomes } = invoke();
    await call('GET', 'invocation/next');
    await call('POST', 'invocation/id-1/response', { body: '1' });
    const { status, body } = await call('POST', `invocation/id-1/${verb}`, { body: '2' });
    assert.deepEqual([status, body], [400, invalidRequestId]);
    assert.deepEqual(outcomes, [{ type: 'payload', payload: Buffer.from('1') }]);
  });

  test(`a ${verb} while another is on its way is refused`, async (t) => {
    const { arrival, call, open, invoke } = await endpointFor(t);
    const { outcome } = invoke();
    await call('GET', 'invocation/next');
    const arrived = arrival('response');
    const first = open('POST', 'invocation/id-1/response');
    first.write('[1');
    await arrived;
    assert.equal((await call('POST', `invocation/id-1/${verb}`, { body: '2' })).status, 400);
    first.end(']');
    assert.equal((await replyTo(first)).status, 202);
    assert.deepEqual(await outcome, { type: 'payload', payload: Buffer.from('[1]') });
  });

  test(`a ${verb} after the time-out is refused`, async (t) => {
    const { call, invoke } = await endpointFor(t);
    const { outcomes } = invoke({}, 0);
    await call('GET', 'invocation/next');
    const { status, body } = await call('POST', `invocation/id-1/${verb}`, { body: '{}' });
    assert.deepEqual([status, body], [410, invokeTimeout]);
    assert.deepEqual(outcomes, []);
  });

  test(`a ${verb} that was broken off is none, and may come again`, async (t) => {
    const { call, open, invoke, client } = await endpointFor(t);
    const { outcome } = invoke();
    await call('GET', 'invocation/next');
    const broken = Promise.withResolvers<void>();
    const own = client[verb as 'response' | 'error'].bind(client);
    client[verb as 'response' | 'error'] = async (id, request, response) => {
      request.once('data', () => sent.destroy());
      await own(id, request, response);
      broken.resolve();
    };
    const sent = open('POST', `invocation/id-1/${verb}`);
    sent.on('error', () => {});
    sent.write('[1');
    await broken.promise;
    client[verb as 'response' | 'error'] = own;
    assert.equal((await call('POST', `invocation/id-1/${verb}`, { body: '[2]' })).status, 202);
    assert.equal((await outcome).type, verb === 'error' ? 'error' : 'payload');
  });

  for (const length of ['announced', 'chunked']) {
    test(`a ${verb} past the payload limit, its length ${length}, is refused and ends the invocation`, async (t) => {
      const { call, invoke } = await endpointFor(t);
      const { outcome } = invoke();
      await call('GET', 'invocation/next');
      const body = Buffer.alloc(maxResponseBytes + 1, 'x');
      const headers: Record<string, string> =
        length === 'announced' ? { 'content-length': String(body.length) } : { 'transfer-encoding': 'chunked' };
      const reply = await call('POST', `invocation/id-1/${verb}`, { headers, body });
      assert.equal(reply.status, 413);
      assert.deepEqual(reply.body, {
        errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
        errorType: 'RequestEntityTooLarge',
      });
      const ended = await outcome;
      assert.ok(ended.type === 'failure' && ended.reason === 'size');
      assert.equal(ended.error.errorType, 'Function.ResponseSizeTooLarge');
    });
  }
}

test('an answer of exactly the payload limit is accepted', async (t) => {
  const { call, invoke } = await endpointFor(t);
  const { outcome } = invoke();
  await call('GET', 'invocation/next');
  const { status } = await call('POST', 'invocation/id-1/response', { body: Buffer.alloc(maxResponseBytes, '1') });
  assert.equal(status, 202);
  assert.equal((await outcome).type, 'payload');
});

test('an INIT error is accepted and told', async (t) => {
  const endpoint = await endpointFor(t);
  const error = { errorType: 'RangeError', errorMessage: 'no luck', trace: ['RangeError: no luck'] };
  const { status, body } = await endpoint.call('POST', 'init/error', { body: JSON.stringify(error) });
  assert.deepEqual([status, body], [202, accepted]);
  assert.deepEqual(endpoint.initErrors, [error]);
  assert.equal(endpoint.readies, 0);
});

test('an INIT error after INIT is refused', async (t) => {
  const endpoint = await endpointFor(t);
  endpoint.invoke();
  await endpoint.call('GET', 'invocation/next');
  assert.equal(endpoint.readies, 1);
  const { status, body } = await endpoint.call('POST', 'init/error', { body: '{}' });
  assert.equal(status, 403);
  assert.equal((body as { errorType: string }).errorType, 'InvalidStateTransition');
  assert.deepEqual(endpoint.initErrors, []);
});

test('an INIT error past the payload limit is refused, and is one', async (t) => {
  const endpoint = await endpointFor(t);
  const headers = { 'lambda-runtime-function-error-type': 'Function.Large' };
  const { status } = await endpoint.call('POST', 'init/error', {
    headers,
    body: Buffer.alloc(maxResponseBytes + 1, 'x'),
  });
  assert.equal(status, 413);
  assert.deepEqual(endpoint.initErrors, [{ errorType: 'Function.Large', errorMessage: '' }]);
});

test('an unknown response mode is refused', async (t) => {
  const { call, invoke } = await endpointFor(t);
  const { outcomes } = invoke();
  await call('GET', 'invocation/next');
  const headers = { 'lambda-runtime-function-response-mode': 'sideways' };
  const { status, body } = await call('POST', 'invocation/id-1/response', { headers, body: '{}' });
  assert.equal(status, 400);
  assert.equal((body as { errorType: string }).errorType, 'InvalidFunctionResponseMode');
  assert.deepEqual(outcomes, []);
});

test('closing breaks off the open requests', async (t) => {
  const { arrival, client, call } = await endpointFor(t);
  const arrived = arrival('next');
  const broken = assert.rejects(call('GET', 'invocation/next'), { code: 'ECONNRESET' });
  await arrived;
  client.close();
  await broken;
});

test('a runtime cannot be asked what it has worked, so no work is said', async (t) => {
  const { client } = await endpointFor(t);
  assert.deepEqual(await client.ping(), { activeMs: 0, ended: 0, ranMs: 0 });
});
