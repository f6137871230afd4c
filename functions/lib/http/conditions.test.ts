import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isKnown, matches } from './conditions.ts';

it('allows a write whose If-Match is missing, is *, or names the version', () => {
  for (const header of [undefined, '*', '"3"', '"1", "3"', ' "3" ']) assert.equal(matches(header, '"3"'), true);
  for (const header of ['"2"', 'W/"3"', '3', '', '"33"']) assert.equal(matches(header, '"3"'), false);
});

it('finds the current version in If-None-Match, weak or strong', () => {
  for (const header of ['"3"', 'W/"3"', '"1",W/"3"', '*']) assert.equal(isKnown(header, '"3"'), true);
  for (const header of [undefined, '"2"', '3', '']) assert.equal(isKnown(header, '"3"'), false);
});
