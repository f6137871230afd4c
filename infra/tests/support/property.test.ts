import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds } from './property.ts';

test('a property that breaks fails with the smallest input and with the seed that repeats the run', async () => {
  const messages: string[] = [];
  for (let i = 0; i < 2; i++) {
    const broken = fc.asyncProperty(fc.integer({ min: 0 }), async (number) => number < 1000);
    await assert.rejects(holds(broken), ({ message }: Error) => messages.push(message) > 0);
  }
  assert.match(messages[0] ?? '', /Counterexample: \[1000\]\n(.*\n)+PROPERTY_SEED=\d+ repeats this run/);
  assert.equal(messages[0], messages[1]);
});

test('a property that holds passes', async () => {
  let runs = 0;
  await holds(fc.property(fc.integer(), () => ++runs > 0));
  assert.ok(runs >= 100);
});
