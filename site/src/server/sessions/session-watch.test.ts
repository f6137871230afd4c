import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionWatch } from './session-watch.ts';

const visitor = '192.0.2.1';

/** A watch whose clock a test moves, and whose API answers as the test says. */
function watchOf(answers: (boolean | undefined)[]) {
  const asked: string[] = [];
  const isActive = async (session: string) => {
    asked.push(session);
    return answers.shift();
  };
  return { asked, watch: new SessionWatch({ intervalMs: 5_000, isActive }) };
}

/** Lets the answers arrive that are under way. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('ends each stream of a session once, when the API says that the session has ended', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { asked, watch } = watchOf([true, undefined, false]);
  const ended: string[] = [];
  watch.watch('a', visitor, () => ended.push('first'));
  watch.watch('a', visitor, () => ended.push('second'));
  for (const count of [1, 2]) {
    t.mock.timers.tick(5_000);
    await settle();
    assert.deepEqual([asked.length, ended], [count, []]);
  }
  t.mock.timers.tick(5_000);
  await settle();
  assert.deepEqual([asked.length, ended], [3, ['first', 'second']]);
  t.mock.timers.tick(50_000);
  await settle();
  assert.equal(asked.length, 3);
});

test('asks no more once nobody listens, and ends streams at once when it is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { asked, watch } = watchOf([]);
  const ended: string[] = [];
  watch.watch('a', visitor, () => ended.push('a'))();
  watch.watch('b', visitor, () => ended.push('b'));
  watch.end('b');
  watch.end('c');
  t.mock.timers.tick(50_000);
  await settle();
  assert.deepEqual([asked, ended], [[], ['b']]);
});
