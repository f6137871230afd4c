import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { InvalidRequest } from '../errors.ts';
import { isPlainText, lengthOf } from '../text.ts';
import { parseUserInput } from './validate.ts';

const text = fc.string({ unit: 'binary', maxLength: 120 });
const field = fc.oneof(text, fc.emailAddress(), fc.jsonValue());

it('accepts a body with two plain texts of 1 to 100 characters, and refuses any other JSON value with InvalidRequest', () =>
  holds(
    fc.property(fc.oneof(fc.record({ name: field, email: field }), fc.jsonValue()), (body) => {
      try {
        const user = parseUserInput(body);
        assert.deepEqual(Object.keys(user).sort(), ['email', 'name']);
        for (const value of Object.values(user)) {
          assert.ok(isPlainText(value) && value === value.trim() && lengthOf(value) >= 1 && lengthOf(value) <= 100);
        }
      } catch (error) {
        if (!(error instanceof InvalidRequest)) throw error;
        assert.ok(error.errors.length >= 1 && error.errors.length <= 20);
      }
    }),
  ));
