import assert from 'node:assert/strict';
import { it } from 'node:test';
import { printableLine, printableText } from './printable.ts';

const hostile = 'a\u001b[31m\u009b2J\r\n\tb\u2028é👍';

it('escapes every control character and line end of a line', () => {
  assert.equal(printableLine(hostile), 'a\\u001b[31m\\u009b2J\\u000d\\u000a\\u0009b\\u2028é👍');
});

it('keeps the lines and tabs of a text', () => {
  assert.equal(printableText(hostile), 'a\\u001b[31m\\u009b2J\\u000d\n\tb\\u2028é👍');
});
