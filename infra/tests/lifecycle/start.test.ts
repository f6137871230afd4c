/** A router that starts: signals before it listens, and its scheduling policy. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { openableGate } from '../support/gate.ts';
import { buildGatedFunction } from '../support/gated-function.ts';
import { startRouter } from '../support/router.ts';
import { environmentIn, routerFor } from './environments.ts';

/** Starts a router, sends it a signal while its function's INIT waits, and lets INIT go on. */
async function startWithSignal(t: TestContext, signal: NodeJS.Signals, env: Record<string, string> = {}) {
  const gate = await openableGate(t);
  let child: ChildProcess | undefined;
  const starting = startRouter({
    env: { DIST_FOLDER: await buildGatedFunction(t), GATE: gate.url, INIT_TIMEOUT_MS: '300000', ...env },
    spawned: (process) => {
      child = process;
    },
  });
  await Promise.race([gate.arrived(Number(env.ROUTER_PROCESSES ?? 1)), starting]);
  child?.kill(signal);
  gate.open();
  const router = await starting;
  t.after(() => router.stop());
  return router;
}

describe('a router that has started', { skip: process.platform !== 'linux' && 'only Linux has the policies' }, () => {
  for (const [setting, policy] of [
    ['batch', '3'],
    ['normal', '0'],
  ] as const) {
    it(`runs, with its functions, under the policy of ROUTER_SCHEDULING=${setting}`, async (t) => {
      const router = await routerFor(t, { ROUTER_SCHEDULING: setting });
      const { pid } = await environmentIn(router, 'echo', 'idle');
      // The policy is field 41 of /proc/PID/stat (proc_pid_stat(5)).
      for (const one of [router.process.pid, pid]) {
        assert.equal(readFileSync(`/proc/${one}/stat`, 'utf8').split(' ')[40], policy);
      }
    });
  }
});

describe('a router that is still starting', { concurrency: true }, () => {
  it('reloads at SIGHUP once it listens', async (t) => {
    const router = await startWithSignal(t, 'SIGHUP');
    await router.logged(({ message }) => message === 'Reloaded');
    assert.equal(await (await fetch(`${router.url}/gated`)).text(), 'open');
  });

  it('reloads at SIGHUP in each of its processes', async (t) => {
    const router = await startWithSignal(t, 'SIGHUP', { ROUTER_PROCESSES: '2' });
    await router.logged(
      (line) => line.message === 'Reloaded' && router.logs.filter(({ message }) => message === 'Reloaded').length === 2,
    );
  });
});
