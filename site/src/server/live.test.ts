import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Live } from './live.ts';

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
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

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
  const live = new Live({ apiUrl, interval: 10, timeout: 1_000, send });
  const heard: string[] = [];
  const stop = live.listen((revision) => heard.push(revision));
  stops.push(stop);
  return { live, heard, stop };
}

test('tells the revision at the beginning and at each change, and no more', async () => {
  const { heard } = start();
  await pause(50);
  assert.deepEqual(heard, ['"1"']);
  tag = '"2"';
  await pause(50);
  assert.deepEqual(heard, ['"1"', '"2"']);
});

test('asks with what it knows', async () => {
  start();
  await pause(50);
  assert.equal(asked[0], null);
  assert.ok(asked.length > 1);
  assert.ok(asked.slice(1).every((known) => known === '"1"'));
});

test('asks anew for a late listener, and tells nobody twice', async () => {
  const { live, heard } = start();
  await pause(30);
  tag = '"2"';
  const late: string[] = [];
  stops.push(live.listen((revision) => late.push(revision)));
  await pause(30);
  assert.deepEqual(late, ['"2"']);
  assert.deepEqual(heard, ['"1"', '"2"']);
});

test('asks nothing once nobody listens', async () => {
  const { stop, live } = start();
  await pause(30);
  stop();
  assert.equal(live.listeners, 0);
  await pause(20);
  const before = asked.length;
  await pause(50);
  assert.equal(asked.length, before);
});

test('outlives an API that is away', async () => {
  up = false;
  const { heard } = start();
  await pause(40);
  assert.deepEqual(heard, []);
  up = true;
  await pause(40);
  assert.deepEqual(heard, ['"1"']);
});
