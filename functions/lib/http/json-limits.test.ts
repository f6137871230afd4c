import assert from 'node:assert/strict';
import { it } from 'node:test';
import { exceededLimit } from './json-limits.ts';

const exceeds = (text: string) => exceededLimit(text, { maxDepth: 3, maxMembers: 5 });

it('counts objects and lists inside each other', () => {
  assert.equal(exceeds('[[[1]]]'), undefined);
  assert.equal(exceeds('[{"a":[1]}]'), undefined);
  assert.equal(exceeds('[[[[1]]]]'), 'maxDepth');
  assert.equal(exceeds('[[],[],[]]'), 'maxMembers');
});

it('counts members and items', () => {
  assert.equal(exceeds('{"a":1,"b":2,"c":3,"d":4,"e":5}'), undefined);
  assert.equal(exceeds('{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'), 'maxMembers');
  assert.equal(exceeds(`[${'1,'.repeat(500_000)}1]`), 'maxMembers');
});

it('takes no notice of strings', () => {
  assert.equal(exceeds('["[[[[,,,,,,{{{{"]'), undefined);
  assert.equal(exceeds('["\\"[[[[,,,,,,","\\\\"]'), undefined);
  assert.equal(exceeds('["\\\\",[[[1]]]]'), 'maxDepth');
});

it('reads a text that is not JSON to its end', () => {
  for (const text of ['', '"', '"\\', ']]]]', '[[[', '"[[[[[[[']) assert.equal(exceeds(text), undefined);
});
