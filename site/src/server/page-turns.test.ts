import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageTurns } from './page-turns.ts';

const stay = () => {};

/** @returns turns whose event loop turns when `turn` is called, and a log of the pages that had a turn or were refused */
function manualTurns(maxWaiting = 10) {
  const loop: (() => void)[] = [];
  const turns = new PageTurns(maxWaiting, (callback) => loop.push(callback));
  const log: string[] = [];
  const begin = (client: string, page: string, onClose: (leave: () => void) => void = stay) =>
    turns.begin(client, onClose).then((mayBegin) => log.push(mayBegin ? page : `no ${page}`));
  const resume = (client: string, page: string) => turns.resume(client).then(() => log.push(page));
  const turn = async () => {
    loop.shift()?.();
    await new Promise(setImmediate);
    return log.splice(0);
  };
  return { begin, resume, turn, log };
}

test('a page that is alone begins at once', async () => {
  const { begin, log } = manualTurns();
  await begin('a', 'a1');
  assert.deepEqual(log, ['a1']);
});

test('one piece runs in each turn of the event loop, by turns of the clients', async () => {
  const { begin, resume, turn } = manualTurns();
  for (const page of ['a1', 'a2', 'a3']) void begin('a', page);
  void resume('a', 'a0');
  void begin('b', 'b1');
  void resume('b', 'b0');
  assert.deepEqual(await turn(), ['a1', 'a2']);
  const order: string[] = [];
  for (let count = 0; count < 4; count++) order.push(...(await turn()));
  assert.deepEqual(order, ['b1', 'a3', 'b0', 'a0']);
});

test('beyond the limit the newest page of the client that has the most gives way', async () => {
  const { begin, turn, log } = manualTurns(3);
  for (const page of ['a1', 'a2', 'a3', 'a4']) void begin('a', page);
  await begin('a', 'a5');
  void begin('b', 'b1');
  assert.deepEqual(await turn(), ['a1', 'no a5', 'no a4', 'a2']);
  assert.deepEqual([...(await turn()), ...(await turn()), ...(await turn())], ['b1', 'a3']);
  assert.deepEqual(log, []);
});

test('a page that has begun never gives way', async () => {
  const { begin, resume, turn } = manualTurns(2);
  for (const page of ['a1', 'a2', 'a3']) void resume('a', page);
  void begin('b', 'b1');
  const order: string[] = [];
  for (let count = 0; count < 4; count++) order.push(...(await turn()));
  assert.deepEqual(order, ['a1', 'a2', 'b1', 'a3']);
});

test('a page whose request is closed leaves its place', async () => {
  const { begin, turn } = manualTurns();
  let close = stay;
  void begin('a', 'a1');
  void begin('a', 'a2', (leave) => {
    close = leave;
  });
  void begin('a', 'a3');
  close();
  assert.deepEqual(await turn(), ['a1', 'no a2', 'a3']);
});
