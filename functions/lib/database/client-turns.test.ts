import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runFor } from '../current-request.ts';
import { DatabaseTurns } from './client-turns.ts';

/** Turns whose works end when the test says so, in the order in which they began. */
function setUp(atOnce: number) {
  const turns = new DatabaseTurns(atOnce);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const read = (client: string) =>
    runFor({ event: { requestContext: { http: { sourceIp: client } } }, id: undefined }, () =>
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
    const turns = new DatabaseTurns(1);
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
    const turns = new DatabaseTurns(1);
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
});
