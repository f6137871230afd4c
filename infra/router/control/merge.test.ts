import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ended, merge } from './merge.ts';
import type { EnvironmentSnapshot, FunctionSnapshot, RouterSnapshot } from './snapshot.ts';

const environment = (id: string): EnvironmentSnapshot => ({
  ...{ id, pid: 100, state: 'ready', inFlight: 1, startedAt: 0, invocations: 5 },
});

const echo = (differs: Partial<FunctionSnapshot> = {}): FunctionSnapshot => ({
  ...{ name: 'echo', route: 'GET /echo', runtime: undefined, timeout: 3, memorySize: 128 },
  ...{ provisionedConcurrency: 1, maxConcurrency: 10, reservedConcurrentExecutions: 100 },
  ...{ invocations: 5, errors: 4, throttles: 3, timeouts: 2, coldStarts: 1, inFlight: 1, durationSum: 10 },
  ...{ init: [50], duration: [1, 2], environments: [environment('echo-1.1')], initFailed: false },
  ...differs,
});

const router = (pid: number, functions: FunctionSnapshot[]): RouterSnapshot => ({
  ...{ processes: [{ pid, startedAt: pid }], cpuSeconds: 1.5, residentBytes: 1000, functions },
  events: { received: 3, dropped: 2, size: 1 },
});

describe('the snapshots of several processes', { concurrency: true }, () => {
  it('are added up, and their lists and samples put together', () => {
    const second = echo({ duration: [3], environments: [environment('echo-2.1')], initFailed: true });
    assert.deepEqual(merge([router(1, [echo()]), router(2, [second])]), {
      ...{ processes: [{ pid: 1, startedAt: 1 }, { pid: 2, startedAt: 2 }], cpuSeconds: 3, residentBytes: 2000 }, // biome-ignore format: one line
      events: { received: 6, dropped: 4, size: 2 },
      functions: [
        echo({
          ...{ invocations: 10, errors: 8, throttles: 6, timeouts: 4, coldStarts: 2, inFlight: 2, durationSum: 20 },
          ...{ init: [50, 50], duration: [1, 2, 3], initFailed: true },
          environments: [environment('echo-1.1'), environment('echo-2.1')],
        }),
      ],
    });
  });

  it('have the functions of any of them', () => {
    const { functions } = merge([router(1, []), router(2, [echo()]), router(3, [echo({ name: 'other' })])]);
    assert.deepEqual(functions, [echo(), echo({ name: 'other' })]);
  });

  it('keep what a process has counted that has ended', () => {
    const before = merge([router(1, [echo()]), router(2, [echo()])]);
    const after = merge([router(1, [echo()]), ended(router(2, [echo()]))]);
    assert.deepEqual(after.processes, [{ pid: 1, startedAt: 1 }]);
    assert.deepEqual(after.events, { received: 6, dropped: 4, size: 1 });
    assert.deepEqual(
      [after.functions[0]?.invocations, after.functions[0]?.durationSum, after.cpuSeconds],
      [before.functions[0]?.invocations, before.functions[0]?.durationSum, before.cpuSeconds],
    );
    assert.deepEqual(after.functions[0]?.environments, [environment('echo-1.1')]);
    assert.equal(after.functions[0]?.inFlight, 1);
  });
});
