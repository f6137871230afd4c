/** Router processes under a supervisor: their start, their replacement when one dies, and their end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { gone } from '../lifecycle/environments.ts';
import { startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';
import { ask, functionOf, holdBoth, pidsOf, statusOf, twoProcesses } from './stage.ts';

async function ended(pids: number[]): Promise<void> {
  await Promise.all(pids.map(gone));
}

describe('router processes and their supervisor', { concurrency: 4 }, () => {
  it('run migrations once, and serve one database', async (t) => {
    const router = await startRouter({ env: { ROUTER_PROCESSES: '2' } });
    t.after(() => router.stop());
    assert.equal(router.logs.filter(({ message }) => message === 'Database ready').length, 1);
    const created = await fetch(`${router.url}/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' }),
    });
    assert.equal(created.status, 201);
    for (let i = 0; i < 4; i++) assert.equal((await ask(`${router.url}/users/1`)).body.name, 'Ada Lovelace');
  });

  it('replace a process that is killed, while the other one finishes its requests', async (t) => {
    const router = await twoProcesses(t);
    const { held, gate } = await holdBoth(t, router);
    const before = await statusOf(router);
    const [victim, other] = before.processes as [{ pid: number }, { pid: number }];
    const pids = await pidsOf(router);
    const outcomes = Promise.allSettled(held);
    process.kill(victim.pid, 'SIGKILL');
    await router.logged(
      ({ message, pid }) => message === 'A router process ended, another is started' && pid === victim.pid,
    );
    assert.equal((await ask(`${router.url}/echo`)).status, 200);
    const after = await until('another is there', async () => {
      const status = await statusOf(router);
      return status.processes.length === 2 && status;
    });
    assert.deepEqual(
      after.processes.map(({ pid }) => [pid === victim.pid, pid === other.pid]),
      [
        [false, true],
        [false, false],
      ],
    );
    await until('its functions are gone', () => pids.filter(isGone).length > 1);
    gate.open();
    assert.deepEqual((await outcomes).map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const served = await until('both serve', async () => {
      const { environments } = await functionOf(router, 'echo');
      return environments.filter(({ state }) => state === 'idle').length === 2 && environments;
    });
    assert.deepEqual(served.map(({ id }) => id).sort(), ['echo-1.1', 'echo-2.1']);
    for (let i = 0; i < 4; i++) assert.equal((await ask(`${router.url}/echo`)).status, 200);
  });

  it('keep their counts when one of them is replaced', async (t) => {
    const router = await twoProcesses(t);
    for (let i = 0; i < 4; i++) await ask(`${router.url}/cookies`);
    assert.equal((await functionOf(router, 'cookies')).invocations, 4);
    const [victim] = (await statusOf(router)).processes;
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await router.logged(({ message }) => message === 'A router process ended, another is started');
    assert.equal((await functionOf(router, 'cookies')).invocations, 4);
  });

  it('finish requests in flight at SIGTERM, end with 0, and leave no process behind', async (t) => {
    const router = await twoProcesses(t);
    const { held, gate } = await holdBoth(t, router);
    const pids = await pidsOf(router);
    const stopped = router.stop();
    await router.logged(({ message }) => message === 'Shutting down');
    gate.open();
    for (const { status } of await Promise.all(held)) assert.equal(status, 200);
    assert.equal(await stopped, 0);
    await ended(pids);
    assert.equal(router.logs.filter(({ message }) => message === 'Shutting down').length, 1);
  });

  it('finish requests in flight at Ctrl-C, which reaches every router process', async (t) => {
    const router = await twoProcesses(t);
    const { held, gate } = await holdBoth(t, router);
    const pids = await pidsOf(router);
    const exited = once(router.process, 'exit');
    const { processes } = await statusOf(router);
    for (const { pid } of [...processes, { pid: router.process.pid ?? 0 }]) process.kill(pid, 'SIGINT');
    await router.logged(({ message }) => message === 'Shutting down');
    gate.open();
    for (const { status } of await Promise.all(held)) assert.equal(status, 200);
    assert.deepEqual(await exited, [0, null]);
    await ended(pids);
  });

  it('finish requests in flight when the supervisor is killed, and end', async (t) => {
    const router = await twoProcesses(t);
    const { held, gate } = await holdBoth(t, router);
    const pids = await pidsOf(router);
    router.process.kill('SIGKILL');
    // A connection that the supervisor had not handed on is reset.
    await until('nobody takes connections', () =>
      ask(`${router.url}/echo`).then(
        () => false,
        ({ code }) => code === 'ECONNREFUSED',
      ),
    );
    gate.open();
    for (const { status } of await Promise.all(held)) assert.equal(status, 200);
    await ended(pids);
  });

  it('do not start on a port that is taken, and leave no process behind', async (t) => {
    const { port, close } = await busyPort();
    t.after(close);
    await refuses({ ROUTER_PROCESSES: '2', PORT: String(port) }, /another program listens there\): set HOST or PORT/);
  });

  it('listen at the same free port with PORT 0', async (t) => {
    const router = await twoProcesses(t, { PORT: '0' });
    const line = await router.logged(({ message }) => String(message).startsWith('Listening at'));
    const url = String(line.message).replace('Listening at ', '');
    for (let i = 0; i < 4; i++) assert.equal((await ask(`${url}/echo`)).status, 200);
    const { environments } = await functionOf(router, 'echo');
    assert.equal(environments.length, 2);
  });

  it('do not start with invalid settings, and name them in one line', async () => {
    await refuses({ ROUTER_PROCESSES: '0' }, /ROUTER_PROCESSES is "0": it takes a whole number from 1 to 64/);
    await refuses({ ROUTER_PROCESSES: '2', MAX_ENVIRONMENTS: '1' }, /MAX_ENVIRONMENTS is 1: it takes ROUTER_PROCESSES/);
    await refuses(
      { ROUTER_PROCESSES: '2' },
      /reserved-one: "reservedConcurrentExecutions" is 1, too few for 2 router processes: set it to 2 or more/,
      'dist/fixtures',
    );
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

async function busyPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Checks that the router ends with 2 and names the reason in one line. */
async function refuses(env: Record<string, string>, why: RegExp, dist = 'dist'): Promise<void> {
  await assert.rejects(startRouter({ env, dist }), ({ message }: Error) => {
    const [, code, errors = ''] = /ended with (\d+): (.*)$/s.exec(message) ?? [];
    assert.equal(code, '2', message);
    assert.match(errors, why);
    assert.equal(errors.trim().split('\n').length, 1, errors);
    return true;
  });
}
