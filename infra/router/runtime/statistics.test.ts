import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quantilesOf, Samples, Statistics } from './statistics.ts';

describe('samples', { concurrency: true }, () => {
  it('have no quantiles before the first', () => {
    assert.deepEqual(quantilesOf(new Samples().latest()), { p50: null, p99: null });
  });

  it('are told to a microsecond', () => {
    const samples = new Samples();
    samples.add(1.23456);
    assert.deepEqual(samples.latest(), [1.235]);
  });

  it('have those of the latest 1024', () => {
    const samples = new Samples();
    for (let i = 0; i < 5000; i++) samples.add(1_000_000);
    for (let i = 1; i <= 1024; i++) samples.add(i);
    assert.deepEqual(quantilesOf(samples.latest()), { p50: 513, p99: 1014 });
  });
});

describe('statistics', { concurrency: true }, () => {
  it('count invocations by how they ended, and refused ones apart', () => {
    const statistics = new Statistics();
    const error = { errorType: 'E', errorMessage: 'm' };
    statistics.count({ type: 'payload', payload: Buffer.alloc(0) }, 1);
    statistics.count({ type: 'error', error }, 2);
    statistics.count({ type: 'failure', reason: 'exit', error }, 3);
    statistics.count({ type: 'failure', reason: 'timeout', error }, 4);
    statistics.count({ type: 'throttled' }, 5);
    const { invocations, errors, timeouts, throttles, durationSum } = statistics;
    assert.deepEqual(
      { invocations, errors, timeouts, throttles, durationSum },
      {
        ...{ invocations: 4, errors: 3, timeouts: 1, throttles: 1, durationSum: 10 },
      },
    );
  });
});
