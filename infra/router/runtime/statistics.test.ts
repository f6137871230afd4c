import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FunctionMetrics } from './function-metrics.ts';
import { quantilesOf, RecentSamples, Statistics } from './statistics.ts';

describe('recent samples', { concurrency: true }, () => {
  it('have no quantiles before the first sample', () => {
    assert.deepEqual(quantilesOf(new RecentSamples().all()), { p50: null, p99: null });
  });

  it('are rounded to a microsecond', () => {
    const samples = new RecentSamples();
    samples.add(1.23456);
    assert.deepEqual(samples.all(), [1.235]);
  });

  it('are the latest 1024', () => {
    const samples = new RecentSamples();
    for (let i = 0; i < 5000; i++) samples.add(1_000_000);
    for (let i = 1; i <= 1024; i++) samples.add(i);
    assert.deepEqual(quantilesOf(samples.all()), { p50: 513, p99: 1014 });
  });
});

describe('statistics', { concurrency: true }, () => {
  it('count invocations by how they ended, and refused ones apart', async () => {
    const metrics = new FunctionMetrics();
    const statistics = new Statistics('f', metrics);
    const error = { errorType: 'E', errorMessage: 'm' };
    statistics.invocation({ type: 'payload', payload: Buffer.alloc(0) }, 1);
    statistics.invocation({ type: 'error', error }, 2);
    statistics.invocation({ type: 'failure', reason: 'exit', error }, 3);
    statistics.invocation({ type: 'failure', reason: 'timeout', error }, 4);
    statistics.invocation({ type: 'throttled' }, 5);
    statistics.throttle();
    statistics.coldStart(2500);
    const text = await metrics.registry.metrics();
    for (const line of [
      'lambda_invocations_total{function="f"} 4',
      'lambda_errors_total{function="f"} 3',
      'lambda_timeouts_total{function="f"} 1',
      'lambda_throttles_total{function="f"} 2',
      'lambda_cold_starts_total{function="f"} 1',
      'lambda_duration_seconds_sum{function="f"} 0.01',
      'lambda_duration_seconds_count{function="f"} 4',
      'lambda_init_duration_seconds_bucket{le="2.5",function="f"} 1',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line} is missing in\n${text}`);
    }
  });

  it('begin at 0, so that Prometheus sees the first increase', async () => {
    const metrics = new FunctionMetrics();
    new Statistics('f', metrics);
    assert.match(await metrics.registry.metrics(), /^lambda_timeouts_total\{function="f"\} 0$/m);
  });
});
