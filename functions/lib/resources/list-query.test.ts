import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { InvalidRequest } from '../errors.ts';
import { bestMatch, encodeCursor, type ListQuery, listQueryKey, parseListQuery as parse } from './list-query.ts';

const parseListQuery = (parameters: Record<string, string>): ListQuery =>
  parse(parameters, { id: 'id', name: 'name_key', email: 'email_key' });

it('lists the first 100 items by id without parameters', () => {
  assert.deepEqual(parseListQuery({}), { limit: 100, sort: 'id', descending: false, search: [], after: undefined });
});

it('accepts its own cursors, and none of another sort', () => {
  const query = parseListQuery({ sort: '-name' });
  const cursor = encodeCursor(query, { value: 'żółw', id: 7 });
  assert.deepEqual(parseListQuery({ sort: '-name', cursor }).after, { value: 'żółw', id: 7 });
  for (const sort of ['name', 'id', '-email']) assert.throws(() => parseListQuery({ sort, cursor }), /cursor/);
  // PostgreSQL takes no such text.
  for (const value of ['a\0', 'a\ud800']) {
    const forged = encodeCursor(query, { value, id: 7 });
    assert.throws(() => parseListQuery({ sort: '-name', cursor: forged }), /cursor/);
  }
});

it('orders a search by the best match, unless the client chooses an order', () => {
  const query = parseListQuery({ q: 'Müller,  ana' });
  assert.deepEqual(query.search, [['muller', 'mueller'], ['ana']]);
  assert.equal(query.sort, bestMatch);
  const cursor = encodeCursor(query, { value: 1, id: 7 });
  assert.deepEqual(parseListQuery({ q: 'x', cursor }).after, { value: 1, id: 7 });
  assert.throws(() => parseListQuery({ q: 'x', cursor, sort: 'id' }), /cursor/);
  assert.throws(() => parseListQuery({ cursor }), /cursor/);
  assert.equal(parseListQuery({ q: 'x', sort: 'id' }).sort, 'id');
  assert.throws(() => parseListQuery({ q: 'x', sort: bestMatch }), /sort must be/);
});

it('searches for a text without words as it is, because a search for nothing would find everything', () => {
  assert.deepEqual(parseListQuery({ q: ' , ' }).search, [[',']]);
  assert.deepEqual(parseListQuery({ q: '\u0301' }).search, [['\u0301']]);
});

it('refuses unknown parameters, and names 20 of them', () => {
  assert.throws(() => parseListQuery({ limt: '3' }), {
    message: 'limt is not known; the parameters are limit, cursor, q and sort',
  });
  const many = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`k${index}`, '']));
  assert.throws(
    () => parseListQuery(many),
    ({ errors, message }: InvalidRequest) => errors.length === 20 && message.endsWith('; and 880 more faults'),
  );
});

it('has the same cache key for equal queries only', () => {
  const key = (parameters: Record<string, string>) => listQueryKey(parseListQuery(parameters));
  assert.equal(key({}), key({ sort: 'id', limit: '100', q: ' ' }));
  assert.equal(key({ q: 'ÉMILIE ANA' }), key({ q: ' emilie   ana ana' }));
  const keys = [
    key({}),
    key({ limit: '99' }),
    key({ sort: '-id' }),
    key({ q: 'a' }),
    key({ q: 'a', sort: 'id' }),
    key({ q: 'a b' }),
    key({ q: 'a+b' }),
    key({ q: 'ü' }),
    key({ q: 'u ue' }),
    key({ q: 'a&cursor=b' }),
    key({ q: 'a', cursor: encodeCursor(parseListQuery({ q: 'a' }), { value: 1, id: 1 }) }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});
