import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isKnown, mayChange } from './conditions.ts';

it('allows a write whose If-Match is missing, is *, or names the version', () => {
  const isAllowed = (ifMatch: string | undefined) => mayChange({ 'if-match': ifMatch }, '"3"');
  for (const header of [undefined, '*', ' * ', '"3"', '"1", "3"', ' "3" ', '"1",, "3",', '"a,b", "3"']) {
    assert.equal(isAllowed(header), true, header);
  }
  const others = ['"2"', 'W/"3"', '3', '', '"33"', 'w/"3"', 'x"3"', '"3"x', '*, "3"', '"3', '""3""', "'3'"];
  for (const header of others) assert.equal(isAllowed(header), false, header);
});

it('refuses a write whose If-None-Match is *, names the version, or is malformed', () => {
  const isAllowed = (ifNoneMatch: string | undefined) => mayChange({ 'if-none-match': ifNoneMatch }, '"3"');
  for (const header of [undefined, '"2"', '"1", W/"2"', '"33"', '""']) assert.equal(isAllowed(header), true, header);
  for (const header of ['*', ' * ', '"3"', 'W/"3"', '"1", "3"', '"1",W/"3"', '3', '', '*, "1"', '"1"x']) {
    assert.equal(isAllowed(header), false, header);
  }
  assert.equal(mayChange({ 'if-match': '"3"', 'if-none-match': '*' }, '"3"'), false);
  assert.equal(mayChange({ 'if-match': '"3"', 'if-none-match': '"2"' }, '"3"'), true);
  assert.equal(mayChange({ 'if-match': '"2"', 'if-none-match': '"2"' }, '"3"'), false);
});

it('finds the current version in If-None-Match, weak or strong', () => {
  for (const header of ['"3"', 'W/"3"', '"1",W/"3"', '*']) assert.equal(isKnown(header, '"3"'), true);
  for (const header of [undefined, '"2"', '3', '', 'x"3"']) assert.equal(isKnown(header, '"3"'), false);
});
