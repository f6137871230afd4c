import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Counter from 'prom-client/lib/counter.js';
import Registry from 'prom-client/lib/registry.js';
import type { RouterSnapshot } from '../status/snapshot.ts';
import { ClusterMetrics, type SnapshotSource } from './cluster-metrics.ts';

const supervisorPid = 99;
const snapshotOf = async (pid: number, registry = new Registry()): Promise<RouterSnapshot> => ({
  processes: [{ pid, startedAt: 0 }],
  functions: [],
  metrics: await registry.getMetricsAsJSON(),
});

/** A router process that counts events. */
class FakeWorker implements SnapshotSource {
  readonly pid: number;
  /** Undefined while there is no process. */
  metrics: ClusterMetrics | undefined;
  /** False for a process that hangs. */
  responds = true;
  #registry = new Registry();
  #received = this.#counter();

  constructor(pid: number) {
    this.pid = pid;
  }

  count(events: number): void {
    this.#received.inc(events);
  }

  /** Replaces the process by another one, which counts from 0. */
  restart(): void {
    this.#registry = new Registry();
    this.#received = this.#counter();
  }

  requestSnapshot(id: number): boolean {
    const { metrics } = this;
    if (!metrics) return false;
    if (this.responds)
      void snapshotOf(this.pid, this.#registry).then((snapshot) => metrics.receive(this, id, snapshot));
    return true;
  }

  #counter(): Counter {
    return new Counter({ name: 'events_total', help: 'Events', registers: [this.#registry] });
  }
}

function stage() {
  const workers = [new FakeWorker(1), new FakeWorker(2)] as const;
  const metrics = new ClusterMetrics(() => snapshotOf(supervisorPid), [...workers]);
  for (const worker of workers) worker.metrics = metrics;
  const collect = async () => {
    const { processes, metrics: all } = await metrics.collect();
    return { pids: processes.map(({ pid }) => pid), events: all[0]?.values[0]?.value };
  };
  return { metrics, first: workers[0], second: workers[1], collect };
}

// One after the other: a test replaces the timers of the whole process.
describe('the metrics of several router processes', () => {
  it('are the sum over all of them, and name the supervisor first', async () => {
    const { first, second, collect } = stage();
    first.count(3);
    second.count(4);
    assert.deepEqual(await collect(), { pids: [supervisorPid, 1, 2], events: 7 });
  });

  it('keep the counts of a process that has ended, and add those of its successor', async () => {
    const { metrics, first, second, collect } = stage();
    first.count(3);
    second.count(4);
    await collect();
    metrics.exited(second);
    second.metrics = undefined;
    assert.deepEqual(await collect(), { pids: [supervisorPid, 1], events: 7 });
    second.metrics = metrics;
    second.restart();
    second.count(1);
    assert.deepEqual(await collect(), { pids: [supervisorPid, 1, 2], events: 8 });
  });

  it('count a process once that ends while it is asked', async () => {
    const { metrics, first, second, collect } = stage();
    second.count(4);
    first.responds = false;
    const collected = collect();
    await new Promise(setImmediate);
    metrics.exited(second);
    metrics.exited(first);
    assert.deepEqual(await collected, { pids: [supervisorPid], events: 4 });
  });

  it('use the last snapshot of a process that hangs', async (t) => {
    const { first, second, collect } = stage();
    first.count(3);
    second.count(4);
    await collect();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    second.responds = false;
    const collected = collect();
    t.mock.timers.tick(5000);
    assert.deepEqual(await collected, { pids: [supervisorPid, 1, 2], events: 7 });
  });
});
