import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { MemoryLimit } from './memory-limit.ts';

const none = () => ({ bytes: 0 });
const never = () => assert.fail('gave way');

describe('a memory limit', () => {
  it('takes bytes up to the limit, and again when they are given back', () => {
    const memory = new MemoryLimit(100);
    const [first, second] = [none(), none()];
    assert.deepEqual([memory.take(first, 60), memory.take(second, 60)], [true, false]);
    memory.giveBack(first, 20);
    assert.equal(memory.take(second, 60), true);
    memory.giveBack(first);
    memory.giveBack(second);
    assert.equal(memory.usedBytes, 0);
  });

  it('ends those that wait, the longest first, until the bytes are there', () => {
    const memory = new MemoryLimit(100);
    const claims = [none(), none(), none()];
    const ends = claims.map(() => mock.fn());
    for (const [index, claim] of claims.entries()) {
      memory.take(claim, 30);
      memory.waits(claim, ends[index] as () => void);
    }
    assert.equal(memory.take(none(), 60), true);
    assert.deepEqual(
      ends.map((end) => end.mock.callCount()),
      [1, 1, 0],
    );
    assert.equal(memory.usedBytes, 90);
  });

  it('refuses the one that has waited longest itself, and ends none that goes on', () => {
    const memory = new MemoryLimit(100);
    const [goesOn, waits] = [none(), none()];
    memory.take(goesOn, 50);
    memory.waits(goesOn, never);
    memory.take(waits, 50);
    memory.waits(waits, never);
    memory.goesOn(goesOn);
    assert.equal(memory.take(waits, 1), false);
    assert.equal(memory.usedBytes, 100);
  });
});
