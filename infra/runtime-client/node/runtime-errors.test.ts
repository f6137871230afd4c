import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toError, toErrorHead } from './runtime-errors.ts';

/** The text of aws-lambda-ric. */
const unreadable =
  'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack';

test('every thrown value has an error for the log and for the answer', () => {
  const hostile = {
    toString() {
      throw new Error('no text');
    },
  };
  for (const [thrown, message] of [
    ['text', 'text'],
    [null, 'null'],
    [12n, '12'],
    [Symbol('mark'), 'Symbol(mark)'],
    [Object.create(null), unreadable],
    [hostile, unreadable],
  ] as [unknown, string][]) {
    assert.equal(toError(thrown).message, message);
    assert.equal(toErrorHead(thrown).errorMessage, message);
  }
  const error = new Error('mine');
  assert.equal(toError(error), error);
});
