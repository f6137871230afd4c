/** ROUTER_PROCESSES=2: two router processes behind one address that count and share limits together. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';
import { ask, Build, functionOf, holdBoth, statusOf } from './stage.ts';

describe('two router processes', { concurrency: 2 }, () => {
  const build = new Build();
  let router: Router;
  before(async () => {
    router = await startRouter({ env: { ROUTER_PROCESSES: '2', DIST_FOLDER: build.folder } });
  });
  after(async () => {
    assert.equal(await router?.stop(), 0);
    build.remove();
  });

  it('are announced by one log line of the supervisor when both serve', async () => {
    const lines = router.logs.filter(({ message }) => String(message).startsWith('Listening at'));
    assert.deepEqual(
      lines.map(({ message, processes }) => [message, processes]),
      [[`Listening at ${router.url}`, 2]],
    );
    const { pid, processes } = await statusOf(router);
    assert.equal(pid, router.process.pid);
    assert.equal(new Set([pid, ...processes.map((one) => one.pid)]).size, 3);
  });

  it('both keep a warm environment where provisionedConcurrency asks for one', async () => {
    const environments = await until('both processes report', async () => {
      const { environments: found } = await functionOf(router, 'echo');
      return found.length === 2 && found;
    });
    assert.deepEqual(environments.map(({ id }) => id).sort(), ['echo-1.1', 'echo-2.1']);
  });

  it('both answer, and report their common counts whichever is asked', async () => {
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await ask(`${router.url}/concurrent`));
    assert.ok(answers.every(({ status }) => status === 200));
    const pids = new Set(answers.map(({ body }) => body.pid));
    assert.equal(pids.size, 2);
    for (let i = 0; i < 4; i++) {
      const { invocations, environments } = await functionOf(router, 'concurrent');
      assert.equal(invocations, 4);
      assert.deepEqual(environments.map(({ id }) => id).sort(), ['concurrent-1.1', 'concurrent-2.1']);
      assert.deepEqual(new Set(environments.map(({ pid }) => pid)), pids);
      const metrics = await (await fetch(`${router.statusUrl}/metrics`, { headers: { connection: 'close' } })).text();
      for (const line of [
        'lambda_invocations_total{function="concurrent"} 4',
        'lambda_duration_seconds_count{function="concurrent"} 4',
        'lambda_environments{function="concurrent",state="ready"} 2',
      ]) {
        assert.ok(metrics.split('\n').includes(line), line);
      }
      assert.match(
        metrics,
        /lambda_environment_cpu_seconds_total\{function="concurrent",environment="concurrent-2\.1"\}/,
      );
    }
  });

  it('both take invocations on the control API', async () => {
    const invoke = () =>
      fetch(`${router.controlUrl}/2015-03-31/functions/cookies/invocations`, {
        method: 'POST',
        headers: { connection: 'close' },
        body: '{}',
      });
    for (let i = 0; i < 4; i++) assert.equal((await invoke()).status, 200);
    const { invocations, environments } = await functionOf(router, 'cookies');
    assert.equal(invocations, 4);
    assert.equal(environments.length, 2);
  });

  it('share reservedConcurrentExecutions, and report the whole of it', async (t) => {
    const limited = new Build();
    t.after(() => limited.remove());
    limited.write((one) => ({ ...one, reservedConcurrentExecutions: 2 }));
    const own = await startRouter({ env: { ROUTER_PROCESSES: '2', DIST_FOLDER: limited.folder } });
    t.after(() => own.stop());
    const { held, gate } = await holdBoth(t, own);
    for (let i = 0; i < 2; i++) assert.equal((await ask(`${own.url}/slow`)).status, 429);
    gate.open();
    for (const { status } of await Promise.all(held)) assert.equal(status, 200);
    assert.equal((await functionOf(own, 'slow')).throttles, 2);
    const { body } = await ask(`${own.controlUrl}/2015-03-31/functions/slow`);
    assert.deepEqual(body.Concurrency, { ReservedConcurrentExecutions: 2 });
  });

  it('both take a new build', async (t) => {
    const changed = new Build();
    t.after(() => changed.remove());
    const own = await startRouter({ env: { ROUTER_PROCESSES: '2', DIST_FOLDER: changed.folder } });
    t.after(() => own.stop());
    const reloads = (message: string, count: number) =>
      until(message, () => own.logs.filter((line) => line.message === message).length === count);
    changed.write((one) => ({ ...one, reservedConcurrentExecutions: 200 }));
    own.process.kill('SIGHUP');
    await reloads('Reloaded', 2);
    for (let i = 0; i < 4; i++) {
      const { body } = await ask(`${own.controlUrl}/2015-03-31/functions/reserved-one`);
      assert.deepEqual(body.Concurrency, { ReservedConcurrentExecutions: 200 });
    }
    changed.write((one) => one);
    own.process.kill('SIGHUP');
    await reloads('Reload failed, nothing is changed', 2);
    assert.equal((await ask(`${own.url}/echo`)).status, 200);
  });
});
