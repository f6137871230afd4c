import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiQuery, changed, firstQuery, nextPage, parseQuery, previousPage, writeQuery } from './list-query.ts';

const read = (text: string) => parseQuery(new URLSearchParams(text));

test('the first page of all users has an empty query', () => {
  assert.deepEqual(read(''), firstQuery);
  assert.equal(writeQuery(firstQuery), '');
  assert.equal(apiQuery(firstQuery), 'limit=100');
});

test('reading restores a written query', () => {
  const query = { ...firstQuery, q: 'a&b=ç', sort: 'name', descending: true, limit: 25 } as const;
  assert.deepEqual(read(writeQuery(query)), query);
  assert.equal(apiQuery(query), 'limit=25&q=a%26b%3D%C3%A7&sort=-name');
});

test('invalid values fall back to the default', () => {
  for (const text of [
    'sort=password',
    'sort=-',
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=1.5',
    'page=7',
    'trail=x',
  ]) {
    assert.deepEqual(read(text), firstQuery, text);
  }
});

test('the address alone leads to the next and the previous page', () => {
  const second = nextPage(firstQuery, 'c2');
  const third = nextPage(second, 'c3');
  assert.equal(third.page, 3);
  assert.deepEqual(read(writeQuery(third)), third);
  assert.deepEqual(previousPage(third), second);
  assert.deepEqual(previousPage(second), firstQuery);
  assert.equal(previousPage(firstQuery), undefined);
});

test('the trail back is kept short', () => {
  let query = firstQuery;
  for (let page = 2; page <= 60; page++) query = nextPage(query, `c${page}`);
  assert.equal(query.trail.length, 20);
  assert.equal(previousPage(query)?.cursor, 'c59');
  assert.ok(writeQuery(query).length < 300);
  for (let page = 61; page <= 80; page++) query = nextPage(query, `${page}${'x'.repeat(400)}`);
  assert.equal(query.trail.length, 4);
  assert.equal(previousPage(query)?.cursor?.slice(0, 2), '79');
});

test('any other change leads to the first page', () => {
  const query = changed(nextPage(firstQuery, 'c2'), { q: 'ana' });
  assert.deepEqual(query, { ...firstQuery, q: 'ana' });
});

test('a search has the order of the best match until the reader chooses one', () => {
  const search = parseQuery(new URLSearchParams('q=ana&sort='));
  assert.equal(writeQuery(search), '?q=ana');
  assert.equal(apiQuery(search), 'limit=100&q=ana');
  const byNumber = changed(search, { sort: 'id' });
  assert.equal(writeQuery(byNumber), '?q=ana&sort=id');
  assert.deepEqual(parseQuery(new URLSearchParams(writeQuery(byNumber))), byNumber);
  assert.equal(writeQuery(parseQuery(new URLSearchParams('sort=id'))), '');
});
