import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { isTraceparent, newTraceparent, traceIdOf } from './trace-context.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

it('takes the headers of the standard, and those of later versions', () => {
  for (const header of [
    `00-${trace}-${parent}-01`,
    `00-${trace}-${parent}-00`,
    `cc-${trace}-${parent}-01`,
    `cc-${trace}-${parent}-01-what-the-future-will-be-like`,
  ]) {
    assert.ok(isTraceparent(header), header);
    assert.equal(traceIdOf(header), trace);
  }
});

it('refuses every other header', () => {
  for (const header of [
    undefined,
    '',
    'nonsense',
    ['00'],
    `ff-${trace}-${parent}-01`,
    `00-${trace}-${parent}-01-more`,
    `00-${trace}-${parent}-01-`,
    `cc-${trace}-${parent}-01.more`,
    `00-${trace.toUpperCase()}-${parent}-01`,
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-${parent}-1`,
    `00-${trace}-${parent}`,
    ` 00-${trace}-${parent}-01`,
    // Node.js joins repeated headers.
    `00-${trace}-${parent}-01, 00-${trace}-${parent}-01`,
  ]) {
    assert.equal(isTraceparent(header), false, String(header));
    assert.equal(traceIdOf(header), undefined);
  }
});

it('makes a valid header of a request id', () => {
  for (const id of [randomUUID(), '00000000-0000-4000-8000-000000000000']) {
    const made = newTraceparent(id);
    assert.ok(isTraceparent(made), made);
    assert.equal(traceIdOf(made), id.replaceAll('-', ''));
  }
});
