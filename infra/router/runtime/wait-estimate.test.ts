import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import type { ProcessWork } from '../../wire/work.ts';
import { WaitEstimate } from './wait-estimate.ts';

/** Makes an estimate, and a process that answers each ping after a given time. */
function setUp(t: TestContext) {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  const pings: ((work: ProcessWork | undefined) => void)[] = [];
  const estimate = new WaitEstimate(() => new Promise((resolve) => pings.push(resolve)));
  return {
    estimate,
    pings,
    /** Sends an event, and lets the process answer the ping behind it. */
    async answer(inFlight: number, afterMs: number, work?: ProcessWork) {
      now += 50;
      estimate.sent(inFlight);
      now += afterMs;
      pings.at(-1)?.(work);
      await new Promise(setImmediate);
    },
  };
}

test('the cost of an event is the time of a ping, divided by the events before it', async (t) => {
  const { estimate, answer } = setUp(t);
  for (let ping = 0; ping < 10; ping++) await answer(4, 20);
  assert.equal(estimate.costMs, 5);
});

test('one ping is on its way at a time, and none goes soon after another', async (t) => {
  const { estimate, pings, answer } = setUp(t);
  estimate.sent(1);
  estimate.sent(2);
  await answer(1, 0);
  assert.equal(pings.length, 1);
  await answer(1, 0);
  estimate.sent(1);
  assert.equal(pings.length, 2);
});

test('the first events of a process cost nothing here, and neither does a pause of the machine', async (t) => {
  const { estimate, answer } = setUp(t);
  for (let ping = 0; ping < 9; ping++) {
    await answer(1, ping < 4 ? 1000 : 2);
    assert.equal(estimate.costMs, 0);
  }
  await answer(1, 2);
  assert.equal(estimate.costMs, 2);
  await answer(1, 5000);
  assert.equal(estimate.costMs, 2);
});

test('a few quick events do not hide that the others cost more', async (t) => {
  const { estimate, answer } = setUp(t);
  for (let ping = 0; ping < 10; ping++) await answer(1, ping < 3 ? 1 : 20);
  assert.equal(estimate.costMs, 20);
});

test('the cost rises when events cost more for some time', async (t) => {
  const { estimate, answer } = setUp(t);
  for (let ping = 0; ping < 10; ping++) await answer(1, 2);
  for (let ping = 0; ping < 10; ping++) await answer(10, 200);
  assert.equal(estimate.costMs, 20);
});

test('events of handlers that wait before they work cost what the process has worked for each', async (t) => {
  const { estimate, answer } = setUp(t);
  await answer(4, 1, { activeMs: 500, ended: 1, ranMs: 500 });
  await answer(4, 1, { activeMs: 501, ended: 1, ranMs: 500 });
  assert.equal(estimate.latestCostMs, 0.25);
  await answer(4, 1, { activeMs: 900, ended: 5, ranMs: 1000 });
  assert.equal(estimate.latestCostMs, 100);
  // They ran for 500 ms in all, of which the process computed 400.
  assert.equal(estimate.activeShare, 0.8);
});
