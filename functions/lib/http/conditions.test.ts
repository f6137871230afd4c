import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isKnown, matches } from './conditions.ts';

it('lets a change through that names the version, any, or none', () => {
  for (const header of [undefined, '*', '"3"', '"1", "3"', ' "3" ']) assert.equal(matches(header, '"3"'), true);
  for (const header of ['"2"', 'W/"3"', '3', '', '"33"']) assert.equal(matches(header, '"3"'), false);
});

it('knows what the client has, weak or strong', () => {
  for (const header of ['"3"', 'W/"3"', '"1",W/"3"', '*']) assert.equal(isKnown(header, '"3"'), true);
  for (const header of [undefined, '"2"', '3', '']) assert.equal(isKnown(header, '"3"'), false);
});
