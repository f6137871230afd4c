import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Gauge from 'prom-client/lib/gauge.js';
import { parseFunction } from '../manifest.ts';
import { FunctionMetrics } from '../runtime/function-metrics.ts';
import { Statistics } from '../runtime/statistics.ts';
import { formatMetrics } from './metrics.ts';
import {
  type EnvironmentSnapshot,
  endedSnapshot,
  type FunctionSnapshot,
  mergeSnapshots,
  type RouterSnapshot,
} from './snapshot.ts';

const environment = (id: string): EnvironmentSnapshot => ({
  ...{ id, pid: 100, state: 'busy', inFlight: 1, startedAt: '2026-01-01T00:00:00.000Z', invocations: 5 },
});

const echo = (differs: Partial<FunctionSnapshot> = {}): FunctionSnapshot => ({
  ...{ configuration: parseFunction({ name: 'echo' }, '/dist'), inFlight: 1 },
  ...{ init: [50], duration: [1, 2], environments: [environment('echo-1.1')], initFailed: false },
  ...differs,
});

/** A router process that has run `echo` once, for a second. */
async function router(pid: number, functions: FunctionSnapshot[] = []): Promise<RouterSnapshot> {
  const metrics = new FunctionMetrics();
  new Statistics('echo', metrics).invocation({ type: 'payload', payload: Buffer.alloc(0) }, 1000);
  new Gauge({ name: 'in_flight', help: 'In flight', registers: [metrics.registry] }).set(1);
  return { processes: [{ pid, startedAt: pid }], functions, metrics: await metrics.registry.getMetricsAsJSON() };
}

const linesOf = async (snapshot: RouterSnapshot) => (await formatMetrics(snapshot)).body.split('\n');

describe('the snapshots of several processes', { concurrency: true }, () => {
  it('have the sum of all metrics', async () => {
    const lines = await linesOf(await mergeSnapshots([await router(1), await router(2)]));
    for (const line of [
      'lambda_invocations_total{function="echo"} 2',
      'lambda_duration_seconds_sum{function="echo"} 2',
      'lambda_duration_seconds_bucket{le="0.5",function="echo"} 0',
      'lambda_duration_seconds_bucket{le="1",function="echo"} 2',
      'in_flight 2',
    ]) {
      assert.ok(lines.includes(line), `${line} is missing in\n${lines.join('\n')}`);
    }
  });

  it('have their lists and samples joined', async () => {
    const second = echo({ duration: [3], environments: [environment('echo-2.1')], initFailed: true });
    const { processes, functions } = await mergeSnapshots([await router(1, [echo()]), await router(2, [second])]);
    assert.deepEqual(
      processes.map(({ pid }) => pid),
      [1, 2],
    );
    assert.deepEqual(functions, [
      echo({
        ...{ inFlight: 2, init: [50, 50], duration: [1, 2, 3], initFailed: true },
        environments: [environment('echo-1.1'), environment('echo-2.1')],
      }),
    ]);
  });

  it('have the functions of any of them', async () => {
    const other = echo({ configuration: parseFunction({ name: 'other' }, '/dist') });
    const snapshots = [await router(1), await router(2, [echo()]), await router(3, [echo(), other])];
    assert.deepEqual(
      (await mergeSnapshots(snapshots)).functions.map(({ configuration }) => configuration.name),
      ['echo', 'other'],
    );
  });

  it('keep the counts of a process that has ended, and nothing else of it', async () => {
    const ended = endedSnapshot(await router(2, [echo()]));
    const merged = await mergeSnapshots([await router(1), ended]);
    assert.deepEqual([merged.processes.length, merged.functions.length], [1, 0]);
    const lines = await linesOf(merged);
    assert.ok(lines.includes('lambda_invocations_total{function="echo"} 2'));
    assert.ok(lines.includes('lambda_duration_seconds_count{function="echo"} 2'));
    assert.ok(lines.includes('in_flight 1'));
  });
});
