import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as Type from 'typebox';
import { InvalidRequest } from '../errors.ts';
import { parserOf } from './validation.ts';

const parse = parserOf(
  Type.Object(
    { label: Type.String({ minLength: 2, maxLength: 5 }), size: Type.Optional(Type.Integer({ minimum: 1 })) },
    { additionalProperties: false },
  ),
);

function faultsOf(body: unknown): string[] {
  try {
    parse(body);
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return error.errors.map(({ field, message }) => `${field} ${message}`).sort();
  }
  return [];
}

it('names a field with a long name by the beginning of it', () => {
  assert.deepEqual(faultsOf({ label: 'one', ['x'.repeat(1000)]: 1 }), [`${'x'.repeat(100)}… is not known`]);
});

it('returns what the schema accepts, with texts trimmed', () => {
  assert.deepEqual(parse({ label: ' one\n', size: 1 }), { label: 'one', size: 1 });
});

it('names the fault of each field, whatever its type', () => {
  const cases: [body: unknown, ...faults: string[]][] = [
    [{}, 'label is missing'],
    [{ label: 7, size: 'x' }, 'label must be text', 'size must be a whole number'],
    [{ label: null, size: null }, 'label must be text, not null', 'size must be a whole number, not null'],
    [{ label: ' ' }, 'label must not be empty'],
    [{ label: 'a' }, 'label is too short'],
    [{ label: 'abcdef', size: 0 }, 'label must have at most 5 characters', 'size is not valid'],
    [{ label: 'ab', colour: 1, __proto__: null }, 'colour is not known'],
    [[], 'body must be a JSON object'],
    [null, 'body must be a JSON object'],
  ];
  for (const [body, ...faults] of cases) assert.deepEqual(faultsOf(body), faults, JSON.stringify(body));
});

it('names some of many unknown fields', () => {
  const fields = Array.from({ length: 1000 }, (_, index) => [`field${index}`, 1]);
  const faults = faultsOf({ label: 'ab', ...Object.fromEntries(fields) });
  assert.ok(faults.length > 0 && faults.length < 100);
  assert.match(faults[0] ?? '', /^field\d+ is not known$/);
});
