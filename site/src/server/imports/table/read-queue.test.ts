import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadQueue, ReadRefused } from './read-queue.ts';

const open = () => new AbortController().signal;
const reader = (id: string, client = 'one', bytes = 0) => ({ id, client, bytes });

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

test('a client that has many files waiting neither delays nor refuses one file of another', async () => {
  let now = 0;
  const queue = new ReadQueue(3, () => now);
  const started: string[] = [];
  const reads = ['a1', 'a2', 'a3', 'a4', 'b1'].map((name) => ({ ...workOf(name, started), name }));
  const results = reads.map(({ name, work }) => queue.run(reader(name, name[0]), open(), work));
  await assert.rejects(results[3] as Promise<string>, ReadRefused);
  for (const name of ['a1', 'b1', 'a2', 'a3']) {
    now += 1_000;
    reads.find((one) => one.name === name)?.finish();
    await new Promise(setImmediate);
  }
  assert.deepEqual(started, ['a1', 'b1', 'a2', 'a3']);
});

test('a small file waits for the read that runs only, each time, while others send large files', async () => {
  let now = 0;
  const queue = new ReadQueue(20, () => now);
  const started: string[] = [];
  let running = '';
  const send = (client: string, bytes: number, ms: number) => {
    const work = async () => {
      running = client;
      started.push(client);
      await new Promise(setImmediate);
      now += ms;
      if (client !== 'small' && started.length < 200) void send(client, bytes, ms);
    };
    return queue.run(reader(`${client} ${Math.random()}`, client, bytes), open(), work).catch(() => {});
  };
  for (const client of ['large1', 'large2', 'large3', 'large4']) for (const _ of '12') void send(client, 1e7, 1_500);
  for (let visit = 0; visit < 6; visit++) {
    for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
    const before = started.length;
    assert.match(running, /large/);
    await send('small', 1_000, 150);
    assert.equal(started[before], 'small', `visit ${visit}`);
  }
  const counts = [1, 2, 3, 4].map((at) => started.filter((client) => client === `large${at}`).length);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `the large files take turns: ${counts}`);
});

test('a large file has its turn although small files of new clients keep arriving', async () => {
  let now = 0;
  const queue = new ReadQueue(20, () => now);
  const started: string[] = [];
  const send = (client: string, bytes: number) =>
    queue.run(reader(client, client, bytes), open(), async () => {
      started.push(client);
      now += 150;
      if (client !== 'large' && started.length < 200) void send(`${client}'`, 1_000);
    });
  const small = ['a', 'b', 'c'].map((client) => send(client, 1_000));
  await send('large', 2e6);
  await Promise.all(small);
  assert.ok(started.indexOf('large') < 100, `${started.indexOf('large')} small files came first`);
});

test('small files that keep the reader busy neither refuse nor delay the small files of others once their clients are known', async () => {
  let now = 0;
  const queue = new ReadQueue(4, () => now);
  const started: string[] = [];
  const send = (client: string, ms: number): Promise<unknown> => {
    const work = async () => {
      started.push(client);
      await new Promise(setImmediate);
      now += ms;
      if (ms > 1_000 && started.length < 100) setImmediate(() => send(client, ms).catch(() => {}));
    };
    return queue.run(reader(`${client} ${Math.random()}`, client, 3_500), open(), work);
  };
  const attackers = ['a', 'b', 'c', 'd', 'e'].map((client) => send(client, 10_000));
  await Promise.all(attackers);
  for (let visit = 0; visit < 6; visit++) {
    for (let turn = 0; turn < 6; turn++) await new Promise(setImmediate);
    const before = started.length;
    await send(`visitor ${visit}`, 100);
    assert.ok(started.indexOf(`visitor ${visit}`) <= before + 1, `visit ${visit}: ${started.slice(before)}`);
  }
});
