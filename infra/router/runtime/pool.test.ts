/** Pools before real processes that do what the test says, without a runtime client of either kind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { parseFunction } from '../manifest.ts';
import { setLogLevel } from '../process/log.ts';
import { FunctionMetrics } from './function-metrics.ts';
import { maxStarting, Pool } from './pool.ts';
import { inFlight, type Process, payload, reasonOf, stage } from './testing/pool-stage.ts';

setLogLevel('SILENT');

describe('a pool', { concurrency: true }, () => {
  it('starts a process for the first event, and uses it again', async (t) => {
    const { pool, processes, invoke, started, count } = stage(t);
    for (let i = 1; i <= 2; i++) {
      const outcome = invoke();
      await started(1);
      const [process] = processes as [Process];
      (await inFlight(process, i))[i - 1]?.settle(payload());
      assert.deepEqual(await outcome, payload());
    }
    assert.equal(processes.length, 1);
    assert.equal(await count('coldStarts'), 1);
    assert.equal(pool.inFlight, 0);
  });

  it('counts an invocation once, however often it is settled', async (t) => {
    const { pool, processes, invoke, started, count } = stage(t);
    const outcome = invoke();
    await started(1);
    const [only] = await inFlight(processes[0] as Process, 1);
    for (let i = 0; i < 3; i++) only?.settle(payload());
    await outcome;
    assert.equal(pool.inFlight, 0);
    assert.equal(await count('invocations'), 1);
  });

  it('fails what waits for a process that cannot be started, and pauses', async (t) => {
    const { pool, invoke } = stage(t, { command: '/no/such/command', ready: false });
    assert.deepEqual(reasonOf(await invoke()), 'init');
    assert.match(pool.initError?.errorMessage ?? '', /could not be started in .*: .*ENOENT/);
    // During the pause after a failed start, the pool fails an invocation without another attempt or a wait.
    assert.deepEqual(reasonOf(await invoke()), 'init');
    assert.equal(pool.environments.size, 0);
    assert.equal(pool.inFlight, 0);
  });

  it('fails what waits for a process that ends in INIT, without starting another at once', async (t) => {
    const { pool, processes, invoke } = stage(t, {
      script: 'exit 3',
      ready: false,
      configuration: { provisionedConcurrency: 1 },
    });
    assert.equal(reasonOf(await invoke()), 'init');
    assert.match(pool.initError?.errorMessage ?? '', /exit status 3/);
    assert.equal(processes.length, 1);
  });

  it('ends a process that takes too long in INIT', async (t) => {
    const { pool, invoke } = stage(t, { ready: false, initTimeoutMs: 20 });
    const outcome = await invoke();
    assert.equal(reasonOf(outcome), 'init');
    assert.equal(pool.initError?.errorType, 'Sandbox.Timedout');
  });

  it('ends a process whose line is broken, and fails its invocations in flight', async (t) => {
    const { processes, invoke, started } = stage(t, { configuration: { maxConcurrency: 2 } });
    const outcomes = [invoke(), invoke()];
    await started(1);
    await inFlight(processes[0] as Process, 2);
    processes[0]?.events.broken({ errorType: 'Runtime.MalformedFrame', errorMessage: 'noise' });
    for (const outcome of await Promise.all(outcomes)) {
      assert.equal(outcome.type === 'failure' && outcome.error.errorType, 'Runtime.MalformedFrame');
    }
    assert.equal(processes[0]?.closed, true);
  });

  it('has events wait past its processes, and refuses those that wait too long', async (t) => {
    const { pool, processes, invoke, started } = stage(t, {
      maxEnvironments: 1,
      initTimeoutMs: 100,
      configuration: { timeout: 1 },
    });
    const first = invoke();
    await started(1);
    await inFlight(processes[0] as Process, 1);
    const [second, third] = [invoke(), invoke()];
    assert.equal(reasonOf(await first), 'timeout');
    // The second invocation gets the place of the first. The third one gets none in time.
    assert.equal((await third).type, 'throttled');
    (await inFlight(processes[1] as Process, 1))[0]?.settle(payload());
    assert.equal((await second).type, 'payload');
    assert.equal(pool.inFlight, 0);
  });

  it('starts a few processes at a time, whether events wait or provisionedConcurrency asks for them', async (t) => {
    const waiting = stage(t, { ready: false, maxEnvironments: 100 });
    for (let i = 0; i < maxStarting + 3; i++) void waiting.invoke();
    assert.equal(waiting.processes.length, maxStarting);
    waiting.processes[0]?.events.ready();
    await waiting.started(maxStarting + 1);
    assert.equal(waiting.processes.length, maxStarting + 1);

    const wanted = 2 * maxStarting + 1;
    const warming = stage(t, { ready: false, configuration: { provisionedConcurrency: wanted } });
    const warm = warming.pool.warm();
    for (let ready = 0; ready < wanted; ready++) {
      await warming.started(ready + 1);
      assert.ok(warming.processes.length <= ready + maxStarting);
      warming.processes[ready]?.events.ready();
    }
    await warm;
    assert.equal(warming.processes.length, wanted);
  });

  it('gives a process its next event in the next turn, so that log lines in between are those of the last one', async (t) => {
    const { processes, invoke, started } = stage(t, { maxEnvironments: 1 });
    const [first] = [invoke(), invoke()];
    await started(1);
    const [process] = processes as [Process];
    (await inFlight(process, 1))[0]?.settle(payload());
    assert.equal(process.invoked.length, 1);
    await first;
    await inFlight(process, 2);
  });

  it('ends processes of old settings that started while the new ones did', async (t) => {
    const { pool, processes, invoke, started } = stage(t, { ready: false });
    void invoke();
    await started(1);
    processes[0]?.events.ready();
    const replaced = pool.replace({ ...pool.configuration, timeout: 1 });
    void invoke();
    void invoke();
    await started(3);
    for (const { events } of processes) events.ready();
    await replaced;
    assert.deepEqual(
      [...pool.environments].map(({ configuration }) => configuration.timeout),
      [1],
    );
  });

  it('refuses events past reservedConcurrentExecutions at once', async (t) => {
    const { processes, invoke, started, count } = stage(t, { configuration: { reservedConcurrentExecutions: 1 } });
    const first = invoke();
    assert.equal((await invoke()).type, 'throttled');
    await started(1);
    (await inFlight(processes[0] as Process, 1))[0]?.settle(payload());
    assert.equal((await first).type, 'payload');
    assert.equal(await count('throttles'), 1);
  });

  it('serves those that waited for a process that died from new ones', async (t) => {
    const { pool, processes, invoke, started } = stage(t, { maxEnvironments: 1 });
    const first = invoke();
    await started(1);
    await inFlight(processes[0] as Process, 1);
    const second = invoke();
    for (const environment of pool.environments) environment.kill();
    assert.equal(reasonOf(await first), 'exit');
    await started(2);
    (await inFlight(processes[1] as Process, 1))[0]?.settle(payload());
    assert.equal((await second).type, 'payload');
  });

  it('holds to the share of its router process, and tells in ids whose environments they are', async (t) => {
    const configuration = { provisionedConcurrency: 1, reservedConcurrentExecutions: 3, maxConcurrency: 10 };
    const { pool, invoke } = stage(t, { configuration, worker: { index: 1, count: 2 } });
    await pool.warm();
    assert.deepEqual(
      [...pool.environments].map(({ id }) => id),
      ['f-2.1'],
    );
    void invoke();
    assert.deepEqual(await invoke(), { type: 'throttled' });
    await pool.replace({ ...pool.configuration, reservedConcurrentExecutions: 4 });
    void invoke();
    assert.equal(pool.inFlight, 2);
  });

  it('ends idle processes, but for those that are kept warm', async (t) => {
    const { pool, processes, started } = stage(t, { idleTimeoutMs: 20, configuration: { provisionedConcurrency: 1 } });
    await pool.warm();
    assert.equal(processes.length, 1);
    const before = [...pool.environments];
    const { exited } = before[0] as { exited: Promise<void> };
    assert.equal(await Promise.race([exited.then(() => 'ended'), wait(100, 'alive')]), 'alive');
    pool.limits = { ...pool.limits, provisionedConcurrency: 0 };
    await exited;
    await started(1);
    assert.equal(pool.environments.size, 0);
  });

  it('stops when what is in flight has finished, or at its limit', async (t) => {
    const { pool, processes, invoke, started } = stage(t);
    const first = invoke();
    await started(1);
    await inFlight(processes[0] as Process, 1);
    let stopped = false;
    const stopping = pool.stop(60_000).then(() => {
      stopped = true;
    });
    assert.equal((await invoke()).type, 'throttled');
    assert.equal(stopped, false);
    processes[0]?.invoked[0]?.settle(payload());
    assert.equal((await first).type, 'payload');
    await stopping;
    const other = stage(t);
    const cut = other.invoke();
    await other.started(1);
    await inFlight(other.processes[0] as Process, 1);
    await other.pool.stop(10);
    assert.equal(reasonOf(await cut), 'exit');
  });

  it('keeps an answer that came right before the process ended', async (t) => {
    const configuration = parseFunction({ name: 'f' }, '/dist');
    const pool = new Pool(configuration, {
      launch: () => ({
        command: 'sh',
        // The process answers through its line and ends at once.
        args: ['-c', 'read -r line <&3; printf answer >&3'],
        cwd: '/',
        env: { PATH: process.env.PATH },
        maxConcurrency: 1,
        connect(socket, events) {
          queueMicrotask(() => events.ready());
          return {
            invoke(_invocation, _deadline, settle) {
              socket.write('go\n');
              void once(socket, 'data').then(([payload]) => settle({ type: 'payload', payload }));
            },
            ping: async () => undefined,
            close() {},
          };
        },
      }),
      initTimeoutMs: 5000,
      idleTimeoutMs: 60_000,
      maxEnvironments: 1,
      metrics: new FunctionMetrics(),
      writeLog() {},
    });
    t.after(() => pool.stop(0));
    for (let i = 0; i < 5; i++) {
      const outcome = await pool.invoke({ requestId: 'r', event: {} });
      assert.equal(outcome.type === 'payload' && outcome.payload.toString(), 'answer');
      for (const { exited } of pool.environments) await exited;
    }
  });
});

// It stands apart from the tests that run at once, since the clock is that of all.
it('starts what is kept warm after the pause, although no invocation comes and the timer fires early', async (t) => {
  t.mock.method(performance, 'now', () => 1);
  const { processes, invoke, started } = stage(t, { ready: false, configuration: { provisionedConcurrency: 1 } });
  const outcome = invoke();
  await started(1);
  processes[0]?.events.initError({ errorType: 'E', errorMessage: 'm' });
  assert.equal(reasonOf(await outcome), 'init');
  await started(2);
});
