/** Pools that several clients use at once, before real processes that do what the test says. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setLogLevel } from '../process/log.ts';
import type { InvocationOutcome } from './invocation.ts';
import { type Process, stage } from './testing/pool-stage.ts';

setLogLevel('SILENT');

const answer: InvocationOutcome = { type: 'payload', payload: Buffer.from('1') };

/** Makes a pool with one process that has begun the first invocation of `busy`, and answers pings when the test says so. */
async function busyStage(t: TestContext, configuration: Record<string, unknown>, maxEnvironments = 1) {
  const pongs: (() => void)[] = [];
  const ping = () => new Promise<undefined>((resolve) => pongs.push(() => resolve(undefined)));
  const made = stage(t, { maxEnvironments, maxWaitMs: 60_000, configuration, ping });
  void made.invoke('busy');
  await made.started(1);
  const [process] = made.processes as [Process];
  const begun = async (count: number) => {
    while (process.invoked.length < count) await wait(1);
    return process.invoked.map(({ invocation }) => invocation.client);
  };
  await begun(1);
  /** Sends more invocations of `busy`, which has its share, and answers pings until the process has begun `count` of all. */
  const takesTurns = async (more: number, count: number) => {
    // The share of a client, 50 ms, passes without an answer to the ping behind the event.
    await wait(60);
    for (let sent = 0; sent < more; sent++) void made.invoke('busy');
    await wait(1);
    assert.equal(process.invoked.length, 1);
    while (process.invoked.length < count) {
      pongs.shift()?.();
      await wait(1);
    }
  };
  return { ...made, process, begun, takesTurns };
}

describe('clients of one function', { concurrency: true }, () => {
  it('take turns where a process takes one event at a time', async (t) => {
    const { invoke, process, begun } = await busyStage(t, { maxConcurrency: 1 });
    for (let more = 0; more < 4; more++) void invoke('busy');
    void invoke('other');
    for (let count = 1; count < 6; count++) {
      process.invoked[count - 1]?.settle(answer);
      await begun(count + 1);
    }
    assert.deepEqual(await begun(6), ['busy', 'busy', 'other', 'busy', 'busy', 'busy']);
  });

  it('give a process that does not answer one event each, and one more when it has finished one', async (t) => {
    const { invoke, process, begun, pool } = await busyStage(t, { maxConcurrency: 100 });
    // The share of a client, 50 ms, passes without an answer to the ping behind the event.
    await wait(60);
    for (let more = 0; more < 4; more++) void invoke('busy');
    for (const other of ['first', 'second']) void invoke(other);
    assert.deepEqual(await begun(3), ['busy', 'first', 'second']);
    assert.equal(pool.inFlight, 7);
    process.invoked[0]?.settle(answer);
    assert.deepEqual(await begun(4), ['busy', 'first', 'second', 'busy']);
  });

  it('hand on all of their events as soon as the process answers again, although none has ended', async (t) => {
    const { begun, takesTurns } = await busyStage(t, { maxConcurrency: 100 });
    await takesTurns(20, 21);
    assert.equal((await begun(21)).length, 21);
  });

  it('get a further process when their turns have filled the first one', async (t) => {
    const { takesTurns, started, pool } = await busyStage(t, { maxConcurrency: 2 }, 2);
    await takesTurns(2, 2);
    await started(2);
    assert.equal(pool.environments.size, 2);
  });

  it('share reservedConcurrentExecutions: the newest that waits of the client that has most gives way', async (t) => {
    const { invoke, pool, count } = await busyStage(t, { maxConcurrency: 1, reservedConcurrentExecutions: 4 });
    const [, , newest] = [invoke('busy'), invoke('busy'), invoke('busy')];
    void invoke('other');
    assert.deepEqual(await newest, { type: 'throttled' });
    void invoke('other');
    // Each client has two now, so neither one gives way to the other.
    for (const client of ['busy', 'other']) assert.deepEqual(await invoke(client), { type: 'throttled' });
    assert.deepEqual([pool.inFlight, await count('throttles')], [4, 4]);
  });

  it('leave their part of reservedConcurrentExecutions to others, although the process has room', async (t) => {
    const { invoke, started, processes } = stage(t, {
      othersShare: 1 / 8,
      configuration: { maxConcurrency: 16, reservedConcurrentExecutions: 8 },
    });
    const calls = Array.from({ length: 8 }, () => invoke('busy'));
    await started(1);
    const { invoked } = processes[0] as Process;
    while (invoked.length < 7) await wait(1);
    void invoke('other');
    assert.deepEqual(await calls[7], { type: 'throttled' });
    while (invoked.length < 8) await wait(1);
    assert.deepEqual(
      invoked.map(({ invocation }) => invocation.client),
      [...Array(7).fill('busy'), 'other'],
    );
    invoked[0]?.settle(answer);
    await calls[0];
    void invoke('busy');
    while (invoked.length < 9) await wait(1);
  });

  it('let the first invocation of a client wait where those of others fill reservedConcurrentExecutions', async (t) => {
    const { invoke, started, processes, pool } = stage(t, {
      othersShare: 1 / 8,
      configuration: { maxConcurrency: 2, reservedConcurrentExecutions: 2 },
    });
    for (const busy of ['first', 'second']) void invoke(busy);
    await started(1);
    const { invoked } = processes[0] as Process;
    while (invoked.length < 2) await wait(1);
    for (let other = 0; other < 6; other++) void invoke(`other ${other}`);
    for (const refused of ['first', 'other 0', 'other 6'])
      assert.deepEqual(await invoke(refused), { type: 'throttled' });
    assert.deepEqual([pool.inFlight, invoked.length, processes.length], [8, 2, 1]);
    invoked[0]?.settle(answer);
    while (invoked.length < 3) await wait(1);
    invoked[1]?.settle(answer);
    while (invoked.length < 4) await wait(1);
    assert.deepEqual(
      invoked.map(({ invocation }) => invocation.client),
      ['first', 'second', 'other 0', 'other 1'],
    );
    assert.equal(processes.length, 1);
  });

  it('are refused by their own wait: a client with many invocations keeps no other one out', async (t) => {
    const { invoke, started, processes, pool } = stage(t, { maxEnvironments: 1, maxWaitMs: 1 });
    const first = invoke('busy');
    await started(1);
    while (processes[0]?.invoked.length === 0) await wait(1);
    await wait(100);
    processes[0]?.invoked[0]?.settle(answer);
    await first;
    // The average run is 10 ms or more now. The limit is twice the average.
    const [, , , refused] = [1, 2, 3, 4].map(() => invoke('busy'));
    assert.deepEqual(await refused, { type: 'throttled', overloaded: true });
    void invoke('other');
    assert.equal(pool.inFlight, 4);
  });
});
