import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { WaitEstimate } from './wait-estimate.ts';

test('the cost of an event is the time of a ping, divided by the events before it', async (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const pings: ((answered: boolean) => void)[] = [];
  const estimate = new WaitEstimate(() => new Promise((resolve) => pings.push(resolve)));
  assert.equal(estimate.costMs, 0);
  estimate.sent(4);
  // One ping at a time.
  estimate.sent(5);
  now += 20;
  pings[0]?.(true);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([estimate.costMs, pings.length], [5, 1]);
  // And none soon after another.
  estimate.sent(1);
  assert.equal(pings.length, 1);
  now += 50;
  estimate.sent(100);
  now += 100;
  pings[1]?.(true);
  await Promise.resolve();
  await Promise.resolve();
  // Many events count more than few.
  assert.ok(estimate.costMs > 1 && estimate.costMs < 1.2);
});
