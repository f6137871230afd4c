import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Measurement } from '../compare.ts';
import { workloads } from '../workloads.ts';
import { ratiosOf } from './ratios.ts';

const [workload] = workloads;
assert.ok(workload);
const [own, base] = workload.contenders;

const measured = (contender: string, round: number, requestsPerSecond: number, noise = 0): Measurement => ({
  contender,
  round,
  requestsPerSecond,
  p50: 1,
  p99: 1000 / requestsPerSecond,
  errors: 0,
  cpu: 50,
  noise,
});

describe('ratios', () => {
  const measurements = [
    measured(own.name, 0, 100),
    measured(base.name, 0, 200),
    // The machine was slow in this round, so both figures are low and their ratio is not.
    measured(base.name, 1, 20, 0.5),
    measured(own.name, 1, 18),
    measured(own.name, 2, 210),
    measured(base.name, 2, 300),
  ];
  const failedContenders = workload.contenders.slice(3);
  const [first, second, ...others] = ratiosOf({ workload, measurements, failedContenders });
  assert.ok(first && second);

  it('are taken within each round, with their median', () => {
    assert.deepEqual(first.throughput, { median: 0.7, min: 0.5, max: 0.9 });
  });
  it('of the reference are one', () => {
    assert.deepEqual(second.throughput, { median: 1, min: 1, max: 1 });
  });
  it('of latencies are above one for a slower contender', () => {
    assert.ok(first.p99 > 1);
  });
  it('leave out a contender that failed', () => {
    assert.deepEqual(
      others.map(({ contender }) => contender),
      [workload.contenders[2]?.name],
    );
  });
  it('count the rounds that other programs disturbed', () => {
    assert.equal(first.noisyRounds, 1);
  });
});
