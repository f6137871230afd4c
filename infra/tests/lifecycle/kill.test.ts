/** SIGKILL to a function's process in every phase. Each gives a defined answer and a new process. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openableGate } from '../support/gate.ts';
import { startRouter } from '../support/router.ts';
import { environmentIn, gone, json, routerFor, statusOf } from './environments.ts';

describe('a function whose process is killed', { concurrency: 4 }, () => {
  it('while it starts fails the requests that wait for it', async (t) => {
    const router = await routerFor(t);
    const asked = fetch(`${router.url}/init-slow`);
    const { pid } = await environmentIn(router, 'init-slow', 'starting');
    process.kill(pid, 'SIGKILL');
    assert.equal((await asked).status, 502);
    const line = await router.logged(({ message }) => message === 'INIT failed');
    assert.match(String(line.errorMessage), /SIGKILL/);
    assert.equal((await fetch(`${router.url}/echo`)).status, 200);
  });

  it('while it is idle answers the next request from a new process, which is kept warm', async (t) => {
    const router = await routerFor(t);
    const { pid } = await environmentIn(router, 'echo', 'idle');
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    assert.equal((await fetch(`${router.url}/echo`)).status, 200);
    assert.notEqual((await environmentIn(router, 'echo', 'idle')).pid, pid);
  });

  it('while it is busy fails its invocation, and no other', async (t) => {
    const router = await routerFor(t);
    const gate = await openableGate(t);
    const asked = fetch(`${router.url}/slow?gate=${gate.url}`);
    const beside = json(fetch(`${router.url}/concurrent?gate=${gate.url}`));
    await gate.arrived(2);
    const { pid } = await environmentIn(router, 'slow', 'busy');
    process.kill(pid, 'SIGKILL');
    assert.equal((await asked).status, 502);
    gate.open();
    assert.equal(typeof (await beside).pid, 'number');
    assert.notEqual((await json(fetch(`${router.url}/slow`))).pid, pid);
  });

  it('while it streams breaks the answer off, so that the client notices', async (t) => {
    const router = await routerFor(t);
    const gate = await openableGate(t);
    const response = await fetch(`${router.url}/stream?gate=${gate.url}`);
    assert.equal(response.status, 201);
    const { pid } = await environmentIn(router, 'stream', 'busy');
    process.kill(pid, 'SIGKILL');
    await assert.rejects(response.text());
    assert.equal((await fetch(`${router.url}/stream`)).status, 201);
  });

  it('while requests wait for it answers them from a new process', async (t) => {
    const router = await routerFor(t, { MAX_ENVIRONMENTS: '1' });
    const gate = await openableGate(t);
    const asked = fetch(`${router.url}/slow?gate=${gate.url}`);
    const { pid } = await environmentIn(router, 'slow', 'busy');
    const queued = Array.from({ length: 4 }, () => fetch(`${router.url}/slow`));
    while ((await statusOf(router, 'slow')).inFlight < 5);
    process.kill(pid, 'SIGKILL');
    assert.equal((await asked).status, 502);
    for (const { status } of await Promise.all(queued)) assert.equal(status, 200);
  });

  it('ends when the router is killed', async (t) => {
    const router = await startRouter({ dist: 'dist/fixtures' });
    const idle = await environmentIn(router, 'echo', 'idle');
    const gate = await openableGate(t);
    const asked = assert.rejects(fetch(`${router.url}/slow?gate=${gate.url}`));
    const busy = await environmentIn(router, 'slow', 'busy');
    router.process.kill('SIGKILL');
    await Promise.all([asked, gone(idle.pid), gone(busy.pid)]);
  });
});
