import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RevisionPoller } from './revision-poller.ts';

const intervalMs = 1_000;

/** The API's current revision, whether it answers, and the If-None-Match of each request. */
let revision: string;
let up: boolean;
let requests: (string | null)[];

const send: typeof fetch = async (_url, init) => {
  const known = new Headers(init?.headers).get('if-none-match');
  requests.push(known);
  if (!up) throw new TypeError('fetch failed');
  return known === revision
    ? new Response(null, { status: 304, headers: { etag: revision } })
    : new Response('{}', { headers: { etag: revision } });
};

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  revision = '"1"';
  up = true;
  requests = [];
});
afterEach(() => mock.timers.reset());

/** Moves the clock, and waits for the poll that is due then. */
async function pass(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  await nextTurn();
}

function start() {
  const poller = new RevisionPoller({ apiUrl: new URL('http://api.test/'), intervalMs, timeoutMs: 1_000, send });
  const heard: string[] = [];
  const stop = poller.listen((told) => heard.push(told));
  return { poller, heard, stop };
}

test('a listener hears the revision at the start and at each change only', async () => {
  const { heard } = start();
  await pass(0);
  await pass(intervalMs);
  assert.deepEqual(heard, ['"1"']);
  revision = '"2"';
  await pass(intervalMs);
  await pass(intervalMs);
  assert.deepEqual(heard, ['"1"', '"2"']);
});

test('each poll after the first sends the known revision', async () => {
  start();
  await pass(0);
  await pass(intervalMs);
  await pass(intervalMs);
  assert.deepEqual(requests, [null, '"1"', '"1"']);
});

test('a late listener gets a fresh revision at once, and no listener hears one twice', async () => {
  const { poller, heard } = start();
  await pass(0);
  revision = '"2"';
  const late: string[] = [];
  poller.listen((told) => late.push(told));
  await pass(0);
  await pass(intervalMs);
  assert.deepEqual(late, ['"2"']);
  assert.deepEqual(heard, ['"1"', '"2"']);
});

test('polling ends with the last listener', async () => {
  const { poller, stop } = start();
  await pass(0);
  stop();
  assert.equal(poller.listenerCount, 0);
  await pass(10 * intervalMs);
  assert.equal(requests.length, 1);
});

test('polling goes on while the API is away', async () => {
  up = false;
  const { heard } = start();
  await pass(0);
  assert.deepEqual(heard, []);
  up = true;
  await pass(intervalMs);
  assert.deepEqual(heard, ['"1"']);
});

test('a key that the API refuses again is told', async () => {
  let told = 0;
  const poller = new RevisionPoller({
    apiUrl: new URL('http://api.test/'),
    intervalMs,
    timeoutMs: 1_000,
    readKey: async () => 'revoked',
    onRefused: () => told++,
    send: async () => new Response('{}', { status: 401 }),
  });
  poller.listen(() => {});
  await pass(0);
  assert.equal(told, 0, 'the API may have made another key just now');
  await pass(intervalMs);
  assert.equal(told, 1);
});

test('each poll sends the key, which is read again when the API refuses it', async () => {
  const sent: (string | null)[] = [];
  const keys = ['old', 'new'];
  const poller = new RevisionPoller({
    ...{ apiUrl: new URL('http://api.test/'), intervalMs, timeoutMs: 1_000 },
    readKey: async () => keys.shift(),
    send: async (_url, init) => {
      const key = new Headers(init?.headers).get('x-api-key');
      sent.push(key);
      return key === 'new' ? new Response('{}', { headers: { etag: revision } }) : new Response('{}', { status: 401 });
    },
  });
  const heard: string[] = [];
  poller.listen((told) => heard.push(told));
  for (const milliseconds of [0, intervalMs, intervalMs]) await pass(milliseconds);
  assert.deepEqual(sent, ['old', 'new', 'new']);
  assert.deepEqual(heard, ['"1"']);
});
