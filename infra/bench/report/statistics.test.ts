import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { median, spread } from './statistics.ts';

describe('median', () => {
  it('is the middle value of an odd number of values, whatever their order', () => {
    assert.equal(median([9, 1, 10]), 9);
  });
  it('is the mean of the two middle values of an even number of values', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });
  it('of one value is that value', () => {
    assert.equal(median([7]), 7);
  });
});

describe('spread', () => {
  it('is median, lowest and highest value', () => {
    assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
  });
});
