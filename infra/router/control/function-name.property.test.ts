/** Properties of function names: what an ARN was made of comes out of it again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { parseFunctionName } from './function-name.ts';

const word = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 12 });
const name = fc.oneof(word('aZ09_-'), fc.constantFrom('function', 'lambda', 'arn', '123456789012', 'us-east-1'));
const qualifier = fc.option(fc.oneof(word('aZ09_-'), fc.constantFrom('$LATEST', 'function', '123456789012')), {
  nil: undefined,
});
const prefix = fc.constantFrom(
  ...['', 'function:', '123456789012:function:', 'us-east-1:123456789012:function:'],
  ...['arn:aws:lambda:us-east-1:123456789012:function:', 'arn:aws-us-gov:lambda:us-gov-west-1:000000000000:function:'],
);

test('every form of a name gives the name and the qualifier that it was made of', () =>
  holds(
    fc.property(prefix, name, qualifier, (prefix, name, qualifier) => {
      // Without its prefix, a name such as "function" with a qualifier reads as a prefix with a name. Lambda's pattern
      // has the same two readings.
      fc.pre(prefix !== '' || qualifier === undefined || !/^(function|\d{12}|[a-z]{2}(-[a-z]+)+-\d)$/.test(name));
      const text = `${prefix}${name}${qualifier === undefined ? '' : `:${qualifier}`}`;
      assert.deepEqual(parseFunctionName(text, null), { name, qualifier });
      if (qualifier !== undefined) {
        assert.deepEqual(parseFunctionName(`${prefix}${name}`, qualifier), { name, qualifier });
        assert.deepEqual(parseFunctionName(text, qualifier), { name, qualifier });
        assert.throws(() => parseFunctionName(text, `${qualifier.replace('$', '')}x`), /derived qualifier/);
      }
    }),
  ));

test('any text is refused as a parameter, or holds a plain name and a plain qualifier', () =>
  holds(
    fc.property(
      fc.string({ unit: fc.oneof(fc.constantFrom(...':aZ0-_$/.%\n', 'function:', 'arn:aws:lambda:'), fc.string()) }),
      fc.option(fc.string()),
      (text, wanted) => {
        try {
          const { name, qualifier } = parseFunctionName(text, wanted);
          assert.match(name, /^[\w-]+$/);
          assert.ok(text.includes(name));
          assert.match(qualifier ?? 'none', /^(\$LATEST|[\w-]+)$/);
          if (wanted !== null) assert.equal(qualifier, wanted);
        } catch (error) {
          assert.equal((error as Error).name, 'InvalidParameterValueException');
        }
      },
    ),
  ));
