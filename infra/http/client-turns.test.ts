import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClientTurns } from './client-turns.ts';

describe('the turns of clients', () => {
  it('count the calls that come first', () => {
    const turns = new ClientTurns<number>();
    for (let one = 0; one < 5; one++) turns.push('a', one);
    turns.push('b', 5);
    assert.deepEqual([turns.ahead('a'), turns.ahead('b'), turns.ahead('c')], [6, 3, 2]);
  });

  it('name the newest call of the client that has the most, if it has more than another one would have', () => {
    const turns = new ClientTurns<number>();
    for (const [client, one] of [
      ['a', 1],
      ['b', 2],
      ['b', 3],
    ] as const)
      turns.push(client, one);
    assert.deepEqual([turns.newestOfBusiest('c'), turns.newestOfBusiest('a')], [3, undefined]);
    turns.begin('a');
    turns.begin('a');
    assert.deepEqual([turns.newestOfBusiest('c'), turns.newestOfBusiest('a')], [1, undefined]);
  });

  it('forget a call that gives up', () => {
    const turns = new ClientTurns<number>();
    for (const one of [1, 2, 3]) turns.push('a', one);
    turns.remove('a', 2);
    assert.deepEqual([turns.length, turns.take(() => false)], [2, undefined]);
    assert.deepEqual([turns.take(() => true), turns.drain(), turns.length], [1, [3], 0]);
  });
});
