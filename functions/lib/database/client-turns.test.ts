import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runFor } from '../current-request.ts';
import { DatabaseTurns } from './client-turns.ts';

const requestOf = (sourceIp: string) => ({ event: { requestContext: { http: { sourceIp } } }, id: undefined });

/** Turns whose works end when the test says so, in the order in which they began. */
function setUp(atOnce: number) {
  const turns = new DatabaseTurns({ atOnce, areBlocking: true });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const read = (client: string) =>
    runFor(requestOf(client), () =>
      turns.run(() => {
        begun.push(client);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
  const endNext = async () => {
    ends.shift()?.();
    await nextTurn();
    await nextTurn();
  };
  return { turns, begun, read, endNext };
}

describe('reads of the database', { concurrency: true }, () => {
  it('begin at once while there is room', async () => {
    const { begun, read, endNext } = setUp(2);
    const all = ['192.0.2.1', '192.0.2.1', '192.0.2.1'].map(read);
    assert.equal(begun.length, 2);
    for (const _ of all) await endNext();
    await Promise.all(all);
  });

  it('take turns by client, and those of one client keep their order', async () => {
    const { begun, read, endNext } = setUp(1);
    const clients = ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::ffff:0:0:1'];
    const all = clients.map(read);
    for (const _ of clients) await endNext();
    await Promise.all(all);
    assert.deepEqual(begun, [clients[0], clients[1], clients[3], clients[4], clients[2], clients[5]]);
  });

  it('let the event loop turn between reads that take long', async () => {
    const turns = new DatabaseTurns({ atOnce: 1, areBlocking: true });
    const happened: string[] = [];
    const long = (name: string) =>
      turns.run(async () => {
        happened.push(name);
        const end = performance.now() + 10;
        while (performance.now() < end);
      });
    const both = Promise.all([long('first'), long('second')]);
    // The request arrives while the first read holds the thread.
    setImmediate(() => happened.push('request'));
    await both;
    assert.deepEqual(happened, ['first', 'request', 'second']);
  });

  it('pass the turn on after a read that failed', async () => {
    const turns = new DatabaseTurns({ atOnce: 1, areBlocking: true });
    const failed = turns.run(() => Promise.reject(new Error('broken')));
    const next = turns.run(async () => 'read');
    await assert.rejects(failed, /broken/);
    assert.equal(await next, 'read');
  });
});

it('refuses a read whose turn does not come in five seconds, and goes on with the others', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { begun, read, endNext } = setUp(1);
  void read('192.0.2.1');
  const refused = assert.rejects(read('192.0.2.2'), {
    name: 'DatabaseBusy',
    status: 503,
    headers: { 'retry-after': '1' },
  });
  t.mock.timers.tick(5_000);
  await refused;
  void read('192.0.2.3');
  await endNext();
  assert.deepEqual(begun, ['192.0.2.1', '192.0.2.3']);
  await endNext();
});

// One at a time: the process counts the requests of all tests.
describe('searches', () => {
  it('wait behind quick reads that came later', async () => {
    const turns = new DatabaseTurns({ atOnce: 1, areBlocking: true });
    const order: string[] = [];
    const read = (name: string, isSearch: boolean) => turns.run(async () => void order.push(name), isSearch);
    await Promise.all([read('first', true), read('search', true), read('search', true), read('list', false)]);
    assert.deepEqual(order, ['first', 'list', 'search', 'search']);
  });

  it('wait for a request that has arrived meanwhile and waits for the cache', async () => {
    let now = 0;
    const turns = new DatabaseTurns({ atOnce: 1, areBlocking: true, clock: () => now });
    const order: string[] = [];
    const search = (client: string) =>
      runFor(requestOf(client), () =>
        turns.run(async () => {
          now += 10;
          order.push('search');
        }, true),
      );
    const both = [search('192.0.2.1'), search('192.0.2.2')];
    const cacheReply = Promise.withResolvers<void>();
    const list = runFor(requestOf('192.0.2.3'), async () => {
      await cacheReply.promise;
      await turns.run(async () => void order.push('list'));
    });
    // Many turns of the event loop.
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    cacheReply.resolve();
    await Promise.all([...both, list]);
    assert.deepEqual(order, ['search', 'list', 'search']);
  });

  it('are refused at once when those before them would probably take longer than two seconds', async () => {
    let now = 0;
    const turns = new DatabaseTurns({ atOnce: 1, areBlocking: true, clock: () => now });
    await turns.run(async () => {
      now += 900;
    }, true);
    const ended = Promise.withResolvers<void>();
    const search = (client: string) => runFor(requestOf(client), () => turns.run(() => ended.promise, true));
    const both = [search('192.0.2.1'), search('192.0.2.2')];
    await assert.rejects(search('192.0.2.3'), { name: 'DatabaseBusy', headers: { 'retry-after': '1' } });
    now += 100;
    ended.resolve();
    await Promise.all(both);
  });
});
