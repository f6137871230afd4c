import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passGate } from '../fixtures/gate.ts';
import { openableGate } from './gate.ts';

test('a gate keeps handlers until it is opened, and none afterwards', async (t) => {
  const gate = await openableGate(t);
  let passed = 0;
  const handlers = [1, 2].map(() => passGate(gate.url).then(() => passed++));
  await gate.arrived(2);
  assert.equal(passed, 0);
  gate.open();
  await Promise.all(handlers);
  await passGate(gate.url);
});
