import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadQueue, ReadRefused } from './read-queue.ts';

const open = () => new AbortController().signal;

/** @returns work that notes its name when it starts, and ends when `finish` is called or its signal aborts */
function workOf(name: string, started: string[] = []) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = async (signal: AbortSignal) => {
    started.push(name);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(signal.reason));
    await Promise.race([promise, aborted]);
    return name;
  };
  return { work, finish: resolve };
}

test('reads run one at a time, in the order of their arrival', async () => {
  const queue = new ReadQueue(2);
  const started: string[] = [];
  const [first, second] = [workOf('first', started), workOf('second', started)];
  const results = [queue.run('a', open(), first.work), queue.run('b', open(), second.work)];
  assert.deepEqual(started, ['first']);
  first.finish();
  await results[0];
  second.finish();
  assert.deepEqual(await Promise.all(results), ['first', 'second']);
  assert.deepEqual(started, ['first', 'second']);
});

test('a read beyond the limit is refused at once', async () => {
  const queue = new ReadQueue(1);
  for (const id of ['a', 'b']) void queue.run(id, open(), workOf(id).work);
  await assert.rejects(queue.run('c', open(), workOf('c').work), ReadRefused);
});

test('a read whose request closes is dropped, whether it waits or runs, and the next one follows', async () => {
  const queue = new ReadQueue(5);
  const started: string[] = [];
  const [running, waiting] = [new AbortController(), new AbortController()];
  const last = workOf('last', started);
  const dropped = [
    queue.run('a', running.signal, workOf('running', started).work),
    queue.run('b', waiting.signal, workOf('waiting', started).work),
  ].map((result) => assert.rejects(result, ReadRefused));
  const result = queue.run('c', open(), last.work);
  waiting.abort();
  running.abort();
  await Promise.all(dropped);
  last.finish();
  assert.equal(await result, 'last');
  assert.deepEqual(started, ['running', 'last']);
});

test('a newer read of the same job replaces the older ones', async () => {
  const queue = new ReadQueue(1);
  const newest = workOf('newest');
  const older = [1, 2, 3].map(() => assert.rejects(queue.run('a', open(), workOf('older').work), ReadRefused));
  const result = queue.run('a', open(), newest.work);
  newest.finish();
  await Promise.all(older);
  assert.equal(await result, 'newest');
});

test('a request that has closed before its read is refused', async () => {
  await assert.rejects(new ReadQueue(1).run('a', AbortSignal.abort(), workOf('a').work), ReadRefused);
});
