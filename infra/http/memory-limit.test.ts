import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { type MemoryClaim as Claim, MemoryLimit, shareOfFree } from './memory-limit.ts';

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

  it('ends the oldest of the client that has the most bytes', () => {
    const memory = new MemoryLimit(100);
    const gaveWay: string[] = [];
    for (const [name, client, bytes] of [
      ['small', 'a', 10],
      ['first', 'b', 30],
      ['second', 'b', 30],
      ['large', 'c', 30],
    ] as const) {
      const claim = { bytes: 0, client };
      memory.take(claim, bytes);
      memory.waits(claim, () => gaveWay.push(name));
    }
    const newcomer = { bytes: 0, client: 'd' };
    assert.equal(memory.take(newcomer, 30), true);
    assert.equal(memory.take(newcomer, 10), true);
    assert.deepEqual(gaveWay, ['first', 'second']);
  });

  it('gives one client no more than its share, and ends holders of this client alone for it', () => {
    const memory = new MemoryLimit(100, 50);
    const [other, complete, waits] = ['a', 'b', 'b'].map((client) => ({ bytes: 0, client })) as [Claim, Claim, Claim];
    memory.take(other, 10);
    memory.waits(other, never);
    memory.take(complete, 30);
    memory.take(waits, 20);
    let ended = 0;
    memory.waits(waits, () => ended++);
    const more = { bytes: 0, client: 'b' };
    assert.deepEqual([memory.take(more, 21), ended], [false, 1]);
    assert.deepEqual([memory.take(more, 20), memory.isClientFull('b', 1), memory.usedBytes], [true, true, 60]);
  });

  it('leaves half of the free bytes to others, and shares what is given back', () => {
    const memory = new MemoryLimit(8_000, shareOfFree(1));
    const claims = Array.from('abcd', (client) => ({ bytes: 0, client }));
    const fill = () => {
      let isFull = false;
      while (!isFull) isFull = claims.map((claim) => memory.take(claim, 10)).every((isTaken) => !isTaken);
    };
    const [first] = claims as [Claim];
    while (memory.take(first, 10));
    assert.equal(first.bytes, 4_000);
    fill();
    assert.deepEqual(
      claims.map(({ bytes }) => bytes),
      [4_000, 1_000, 1_000, 1_000],
    );
    memory.giveBack(first);
    fill();
    assert.deepEqual(
      claims.map(({ bytes }) => bytes),
      [1_300, 1_800, 1_800, 1_800],
    );
  });

  it('lets a client with a share have the least, as far as there is room', () => {
    const memory = new MemoryLimit(100, shareOfFree(60));
    assert.equal(memory.take({ bytes: 0, client: 'a' }, 60), true);
    assert.equal(memory.take({ bytes: 0, client: 'b' }, 40), true);
    assert.equal(memory.take({ bytes: 0, client: 'c' }, 1), false);
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
