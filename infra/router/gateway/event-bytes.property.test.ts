import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { textBytes } from './event-bytes.ts';

const special = fc.constantFrom('"', '\\', '\n', '\0', '\u001f', '\u007f', '\u2028', 'ç', '€', '😀');

it('counts the bytes that JSON takes for a text', () =>
  holds(
    fc.property(fc.oneof(fc.string({ unit: special }), fc.string({ unit: 'binary' })), (text) => {
      const bytes = Buffer.from(text);
      assert.equal(textBytes(bytes), Buffer.byteLength(JSON.stringify(bytes.toString())));
    }),
  ));

it('tells without a whole count whether a long text has room', () =>
  holds(
    fc.property(
      fc.array(fc.tuple(special, fc.nat(60_000)), { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 2, noNaN: true }),
      (parts, share) => {
        const bytes = Buffer.from(parts.map(([part, times]) => part.repeat(times)).join(''));
        const exact = textBytes(bytes);
        const room = Math.round(exact * share);
        const counted = textBytes(bytes, room);
        assert.equal(counted > room, exact > room);
        if (counted > room) assert.equal(counted, exact);
      },
    ),
  ));
