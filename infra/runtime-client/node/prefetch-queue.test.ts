import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type Frame, Kind } from '../../wire/frames.ts';
import { PrefetchQueue } from './prefetch-queue.ts';

function frame(id: number): Frame {
  return { kind: Kind.prefetch, flags: 0, id, head: Buffer.alloc(0), body: Buffer.alloc(0) };
}

/** A queue of a process that is busy with an event when the test begins. The test sets the clock. */
function setUp(t: TestContext, onBegin: (id: number) => void = () => {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const channel = new PassThrough();
  const begun: number[] = [];
  const returned: number[] = [];
  let isBusy = true;
  const queue = new PrefetchQueue({
    channel,
    isBusy: () => isBusy,
    begin({ id }) {
      isBusy = true;
      begun.push(id);
      onBegin(id);
    },
    giveBack: ({ id }) => returned.push(id),
  });
  return {
    queue,
    channel,
    begun,
    returned,
    /** Ends the event that runs. */
    end() {
      isBusy = false;
      queue.ended();
    },
  };
}

const turn = () => new Promise(setImmediate);

test('each event begins when the one before has ended, in a turn of its own', async (t) => {
  const { queue, begun, end } = setUp(t);
  for (const id of [1, 2, 3]) queue.push(frame(id));
  await turn();
  assert.deepEqual(begun, []);
  for (const id of [1, 2, 3]) {
    end();
    assert.equal(begun.length, id - 1);
    await turn();
    await turn();
    assert.equal(begun.length, id);
  }
  assert.deepEqual(begun, [1, 2, 3]);
});

test('the events behind one that lasts go back to the router', async (t) => {
  const { queue, begun, returned, end } = setUp(t);
  for (const id of [1, 2, 3]) queue.push(frame(id));
  await turn();
  end();
  await turn();
  t.mock.timers.tick(5);
  assert.deepEqual(returned, [], 'one has begun meanwhile');
  t.mock.timers.tick(5);
  assert.deepEqual(returned, [2, 3]);
  end();
  await turn();
  assert.deepEqual(begun, [1]);
});

test('an event does not begin before the answer of the one before has left the process', async (t) => {
  const { queue, channel, begun, end } = setUp(t);
  channel.write(Buffer.alloc(1_000_000));
  assert.ok(channel.writableLength > 0);
  queue.push(frame(1));
  end();
  for (let turns = 0; turns < 5; turns++) await turn();
  assert.deepEqual(begun, []);
  channel.resume();
  while (begun.length === 0) await turn();
  assert.equal(channel.writableLength, 0);
});

test('what a handler keeps in an AsyncLocalStorage does not reach the next event', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { queue, end } = setUp(t, () => seen.push(storage.getStore()));
  await storage.run('of the first event', async () => {
    await turn();
    queue.push(frame(1));
    await turn();
    end();
    await turn();
    await turn();
  });
  assert.deepEqual(seen, [undefined]);
});
