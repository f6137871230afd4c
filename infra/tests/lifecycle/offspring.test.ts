/** Processes that handlers start: they end with the function's process, and all of them end with the router. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';
import { gone, routerFor } from './environments.ts';

/** Asks the fixture and waits for its line in the log. @returns the ids of function and program, and the status */
async function ask(router: Router, then: string): Promise<{ pids: number[]; status: Promise<number> }> {
  const status = fetch(`${router.url}/offspring/${then}`).then((response) => response.status);
  status.catch(() => {});
  const { message } = await router.logged(({ message }) => String(message).startsWith('pids '));
  return { pids: String(message).split(' ').slice(1).map(Number), status };
}

describe('a program that a handler starts', { concurrency: 4 }, () => {
  it('ends with a function that runs out of time', async (t) => {
    const { pids, status } = await ask(await routerFor(t), 'loop');
    assert.equal(await status, 504);
    for (const pid of pids) await gone(pid);
  });

  it('ends with a function that exits', async (t) => {
    const { pids, status } = await ask(await routerFor(t), 'exit');
    assert.equal(await status, 502);
    for (const pid of pids) await gone(pid);
  });

  it('ends with a function that is idle for too long', async (t) => {
    const { pids, status } = await ask(await routerFor(t, { IDLE_TIMEOUT_MS: '100' }), 'answer');
    assert.equal(await status, 200);
    for (const pid of pids) await gone(pid);
  });

  it('ends with the router at SIGTERM', async () => {
    const router = await startRouter({ dist: 'dist/fixtures' });
    const { pids, status } = await ask(router, 'answer');
    assert.equal(await status, 200);
    assert.equal(await router.stop(), 0);
    for (const pid of pids) await gone(pid);
  });

  it('ends with a router that is killed, and so does a function that loops', async () => {
    const router = await startRouter({ dist: 'dist/fixtures' });
    const { pids } = await ask(router, 'loop');
    router.process.kill('SIGKILL');
    for (const pid of pids) await gone(pid);
  });
});
