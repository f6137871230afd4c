import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Random, randomStream } from './random.ts';

const draw = (random: Random) => Array.from({ length: 20 }, () => random.integer(1, 1000));

describe('randomStream', () => {
  it('draws the same again for the same seed and name', () => {
    assert.deepEqual(draw(randomStream(7, 'reader 1')), draw(randomStream(7, 'reader 1')));
  });

  it('draws something else for another seed, and for another name', () => {
    assert.notDeepEqual(draw(randomStream(7, 'reader 1')), draw(randomStream(8, 'reader 1')));
    assert.notDeepEqual(draw(randomStream(7, 'reader 1')), draw(randomStream(7, 'reader 2')));
  });

  it('stays within its bounds and reaches both', () => {
    const random = randomStream(1, 'bounds');
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(3, 5)));
    assert.deepEqual([...drawn].sort(), [3, 4, 5]);
  });

  it('chooses by weight', () => {
    const random = randomStream(1, 'weights');
    const counts = { often: 0, seldom: 0, never: 0 };
    for (let round = 0; round < 1000; round++) counts[random.weighted({ often: 9, seldom: 1, never: 0 })]++;
    assert.equal(counts.never, 0);
    assert.ok(counts.seldom > 50 && counts.seldom < 200, `seldom came ${counts.seldom} times`);
  });
});
