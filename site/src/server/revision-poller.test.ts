import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { RevisionPoller } from './revision-poller.ts';

const apiUrl = new URL('http://api.test/');
let tag: string;
let asked: (string | null)[];
let up: boolean;

const send: typeof fetch = async (_url, init) => {
  const known = new Headers(init?.headers).get('if-none-match');
  asked.push(known);
  if (!up) throw new TypeError('fetch failed');
  return known === tag
    ? new Response(null, { status: 304, headers: { etag: tag } })
    : new Response('{}', { headers: { etag: tag } });
};
/** Waits until something is so; a busy machine takes its time. */
async function until(test: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !test(); ) {
    assert.ok(Date.now() < deadline, 'waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until the API was asked that many more times. */
async function polls(count: number): Promise<void> {
  const goal = asked.length + count;
  await until(() => asked.length >= goal);
}

const stops: (() => void)[] = [];
beforeEach(() => {
  tag = '"1"';
  asked = [];
  up = true;
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function start() {
  const poller = new RevisionPoller({ apiUrl, intervalMs: 10, timeoutMs: 1_000, send });
  const heard: string[] = [];
  const stop = poller.listen((revision) => heard.push(revision));
  stops.push(stop);
  return { poller, heard, stop };
}

test('tells the revision at the beginning and at each change, and no more', async () => {
  const { heard } = start();
  await polls(3);
  assert.deepEqual(heard, ['"1"']);
  tag = '"2"';
  await polls(4);
  assert.deepEqual(heard, ['"1"', '"2"']);
});

test('asks with what it knows', async () => {
  start();
  await polls(3);
  assert.deepEqual(asked.slice(0, 3), [null, '"1"', '"1"']);
});

test('asks anew for a late listener, and tells nobody twice', async () => {
  const { poller, heard } = start();
  await polls(2);
  tag = '"2"';
  const late: string[] = [];
  stops.push(poller.listen((revision) => late.push(revision)));
  await until(() => late.length > 0);
  await polls(2);
  assert.deepEqual(late, ['"2"']);
  assert.deepEqual(heard, ['"1"', '"2"']);
});

test('asks nothing once nobody listens', async () => {
  const { stop, poller } = start();
  await polls(2);
  stop();
  assert.equal(poller.listenerCount, 0);
  const before = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.ok(asked.length <= before + 1, 'but for a question that was under way');
});

test('outlives an API that is away', async () => {
  up = false;
  const { heard } = start();
  await polls(2);
  assert.deepEqual(heard, []);
  up = true;
  await until(() => heard.length > 0);
  assert.deepEqual(heard, ['"1"']);
});
