import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadQueue, ReadRefused } from './read-queue.ts';

const open = () => new AbortController().signal;
const reader = (id: string, client = 'one') => ({ id, client });

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
  const results = [queue.run(reader('a'), open(), first.work), queue.run(reader('b'), open(), second.work)];
  assert.deepEqual(started, ['first']);
  first.finish();
  await results[0];
  second.finish();
  assert.deepEqual(await Promise.all(results), ['first', 'second']);
  assert.deepEqual(started, ['first', 'second']);
});

test('a read beyond the limit is refused at once', async () => {
  const queue = new ReadQueue(1);
  for (const id of ['a', 'b']) void queue.run(reader(id), open(), workOf(id).work);
  await assert.rejects(queue.run(reader('c'), open(), workOf('c').work), ReadRefused);
});

test('a read whose request closes is dropped, whether it waits or runs, and the next one follows', async () => {
  const queue = new ReadQueue(5);
  const started: string[] = [];
  const [running, waiting] = [new AbortController(), new AbortController()];
  const last = workOf('last', started);
  const dropped = [
    queue.run(reader('a'), running.signal, workOf('running', started).work),
    queue.run(reader('b'), waiting.signal, workOf('waiting', started).work),
  ].map((result) => assert.rejects(result, ReadRefused));
  const result = queue.run(reader('c'), open(), last.work);
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
  const older = [1, 2, 3].map(() => assert.rejects(queue.run(reader('a'), open(), workOf('older').work), ReadRefused));
  const result = queue.run(reader('a'), open(), newest.work);
  newest.finish();
  await Promise.all(older);
  assert.equal(await result, 'newest');
});

test('a request that has closed before its read is refused', async () => {
  await assert.rejects(new ReadQueue(1).run(reader('a'), AbortSignal.abort(), workOf('a').work), ReadRefused);
});

test('clients take turns, and a client that has many files waiting neither delays nor refuses one file of another', async () => {
  const queue = new ReadQueue(3);
  const started: string[] = [];
  const works = ['a1', 'a2', 'a3', 'a4', 'b1'].map((name) => workOf(name, started));
  const [a1, a2, a3, a4, b1] = works.map(({ work }, at) =>
    queue.run(reader(String(at), at < 4 ? 'a' : 'b'), open(), work),
  );
  await assert.rejects(a4 as Promise<string>, ReadRefused);
  for (const { finish } of works) finish();
  await Promise.all([a1, a2, a3, b1]);
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'a3']);
});

test('a client that has had no turn comes before those that had one', async () => {
  const queue = new ReadQueue(8);
  const started: string[] = [];
  const reads = ['a1', 'b1', 'c1', 'a2', 'b2', 'c2'].map((name) => ({ ...workOf(name, started), name }));
  for (const { name, work } of reads.slice(0, 5)) void queue.run(reader(name, name[0]), open(), work).catch(() => {});
  const finish = async (name: string) => {
    reads.find((one) => one.name === name)?.finish();
    await new Promise(setImmediate);
  };
  for (const name of ['a1', 'b1', 'c1']) await finish(name);
  const victim = workOf('new', started);
  void queue.run(reader('new', 'new'), open(), victim.work);
  await finish('a2');
  assert.deepEqual(started, ['a1', 'b1', 'c1', 'a2', 'new']);
});
