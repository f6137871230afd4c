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
