import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InvokeCommand, type LambdaClient, RequestTooLargeException } from '@aws-sdk/client-lambda';
import { openableGate } from '../support/gate.ts';
import { type LogLine, type Router, startRouter } from '../support/router.ts';
import { createClient } from './client.ts';

const concurrency = { concurrency: true };
let router: Router;
let client: LambdaClient;

before(async () => {
  router = await startRouter({
    dist: 'dist/fixtures',
    env: { EVENT_RETRY_DELAY_MS: '20', EVENT_QUEUE_BYTES: '10000' },
  });
  client = createClient(router);
});

after(async () => {
  client?.destroy();
  await router?.stop();
});

/** Queues an event. @returns the request id */
async function send(FunctionName: string, event: object, to = client): Promise<string> {
  const command = new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: JSON.stringify(event) });
  const answer = await to.send(command);
  assert.equal(answer.StatusCode, 202);
  assert.deepEqual([...(answer.Payload ?? [])], []);
  return answer.$metadata.requestId ?? '';
}

const isDead = (id: string) => (line: LogLine) => line.message === 'Event is dead' && line.requestId === id;

const attempts = (id: string) =>
  router.logs.filter((line) => line.requestId === id && /^attempt \d$/.test(String(line.message))).length;

test('an event is accepted at once and runs', concurrency, async () => {
  const id = await send('flaky', { failures: 0 });
  await router.logged((line) => line.message === 'made it' && line.requestId === id);
});

test('an event that fails is tried twice more, under the same request id', concurrency, async () => {
  const id = await send('flaky', { failures: 2 });
  await router.logged((line) => line.message === 'made it' && line.requestId === id);
  assert.equal(attempts(id), 3);
});

test('an event that fails three times is written to the log as dead', concurrency, async () => {
  const id = await send('flaky', { failures: 9 });
  const line = await router.logged(isDead(id));
  assert.equal(line.level, 'ERROR');
  assert.equal(line.function, 'flaky');
  assert.equal(line.condition, 'RetriesExhausted');
  assert.equal(line.attempts, 3);
  assert.equal(line.payload, '{"failures":9}');
  assert.equal(line.errorType, 'Error');
  assert.equal(line.errorMessage, 'attempt 3 failed');
  assert.equal(attempts(id), 3);
});

test('an event for a function that is switched off is given up at once', concurrency, async () => {
  const line = await router.logged(isDead(await send('reserved-zero', {})));
  assert.equal(line.condition, 'ZeroReservedConcurrency');
});

test('an event that finds no free execution waits for one', concurrency, async (t) => {
  const gate = await openableGate(t);
  await send('reserved-one', { gate: gate.url });
  await gate.arrived();
  const id = await send('reserved-one', {});
  assert.ok(!router.logs.some(({ message }) => message === 'passing'));
  gate.open();
  await router.logged((line) => line.message === 'passing' && line.requestId === id);
});

test('a full queue refuses an event, and so does the size limit of an event', concurrency, async () => {
  await assert.rejects(send('flaky', { failures: 0, filler: 'x'.repeat(6000) }), { name: 'TooManyRequestsException' });
  await assert.rejects(send('flaky', { failures: 0, filler: 'x'.repeat(1024 * 1024) }), RequestTooLargeException);
});

test(
  'at shutdown an event that waits for a retry is written to the log as undelivered',
  concurrency,
  async (context) => {
    const own = await startRouter({ dist: 'dist/fixtures' });
    context.after(() => own.stop());
    const ownClient = createClient(own);
    const id = await send('flaky', { failures: 9 }, ownClient);
    await own.logged((line) => line.level === 'ERROR' && line.requestId === id);
    ownClient.destroy();
    assert.equal(await own.stop(), 0);
    const line = await own.logged(isDead(id));
    assert.equal(line.condition, 'Undelivered');
    assert.equal(line.payload, '{"failures":9}');
    assert.equal(line.errorMessage, 'attempt 1 failed');
  },
);
