import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { InvalidRequest } from '../errors.ts';
import { bestMatch, encodeCursor, parseListQuery } from './list-query.ts';

const columns = { id: 'id', name: 'name_key' };

it('reads back every cursor that it has written', () =>
  holds(
    fc.property(fc.string({ unit: 'grapheme' }), fc.maxSafeNat(), fc.boolean(), (value, id, descending) => {
      const sort = descending ? '-name' : 'name';
      const cursor = encodeCursor(parseListQuery({ sort }, columns), { value, id });
      assert.deepEqual(parseListQuery({ sort, cursor }, columns).after, { value, id });
    }),
  ));

it('refuses any other text with InvalidRequest, in every parameter', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
  );
  const parameters = fc.record({ limit: text, sort: text, q: text, cursor: text }, { requiredKeys: [] });
  return holds(
    fc.property(parameters, (query) => {
      try {
        const { limit, sort } = parseListQuery(query, columns);
        assert.ok(limit >= 1 && limit <= 1000 && (sort in columns || sort === bestMatch));
      } catch (error) {
        if (!(error instanceof InvalidRequest)) throw error;
      }
    }),
  );
});
