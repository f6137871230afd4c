import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Operation } from './operation.ts';
import { brokenPromises, responseTimes } from './response-times.ts';
import { read, seen } from './sample.ts';

const user = seen(1, 1, 'a');
const cacheFault = { target: 'cache', start: 1000, end: 2000 } as const;

/** @returns a hundred reads from `from` (ms) on, each with the same duration */
const reads = (from: number, durationMs: number, fields: Partial<Operation> = {}) =>
  Array.from(
    { length: 100 },
    (_, index): Operation => ({
      ...read([from + index, from + index + durationMs], user),
      ...fields,
    }),
  );

const broken = (operations: readonly Operation[], faults: Parameters<typeof responseTimes>[1] = [cacheFault]) =>
  brokenPromises(responseTimes(operations, faults));

describe('response times', () => {
  it('may grow by 300 ms while the cache is in trouble, on a machine of any speed', () => {
    assert.deepEqual(broken([...reads(0, 10), ...reads(1100, 300)]), []);
    assert.deepEqual(broken([...reads(0, 800), ...reads(1100, 1090)]), []);
    assert.match(broken([...reads(0, 10), ...reads(1100, 320)]).join(), /99th percentile .* was 320 ms, usually 10 ms/);
  });

  it('are not excused by one slow request while nothing is in trouble', () => {
    const slow = read([200, 950], user);
    assert.equal(broken([...reads(0, 10), ...reads(100, 10), slow, ...reads(1100, 320)]).length, 1);
  });

  it('are no excuse for a failure while only the cache is in trouble, or nothing', () => {
    const failed: Operation = { ...read([1100, 1110], user), status: 503, outcome: 'unknown' };
    assert.match(broken([...reads(0, 10), failed]).join(), /1 requests failed while only the cache/);
    const usual = { ...failed, start: 100, end: 110 };
    assert.match(broken([...reads(0, 10), usual]).join(), /1 requests failed though nothing was in trouble/);
  });

  it('do not count during and just after a fault of a process', () => {
    const processFault = { target: 'process', start: 1000, end: 2000 } as const;
    const failed = reads(1100, 900, { status: 503, outcome: 'unknown' });
    assert.deepEqual(broken([...reads(0, 10), ...failed], [cacheFault, processFault]), []);
  });
});
