/** A pool whose clock the test sets. It runs alone in its process, because the clock is the process's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setLogLevel } from '../process/log.ts';
import { inFlight, type Process, payload, reasonOf, stage } from './testing/pool-stage.ts';

setLogLevel('SILENT');

test('a pool pauses for longer after each failed INIT, and not at all after one that succeeds, whatever the clock says', async (t) => {
  let nowMs = 1;
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({ apis: ['Date'], now: 1e12 });
  const { processes, invoke, started } = stage(t, { ready: false });
  const fail = async (count: number) => {
    const outcome = invoke();
    await Promise.race([started(count), outcome]);
    processes[count - 1]?.events.initError({ errorType: 'E', errorMessage: 'm' });
    assert.equal(reasonOf(await outcome), 'init');
  };
  await fail(1);
  for (const [index, pause] of [250, 1000, 4000, 15_000, 60_000, 60_000].entries()) {
    nowMs += pause - 1;
    t.mock.timers.setTime(Date.now() + (index % 2 ? 1 : -1) * 86_400_000);
    assert.equal(reasonOf(await invoke()), 'init');
    assert.equal(processes.length, index + 1);
    nowMs += 1;
    await fail(index + 2);
  }
  nowMs += 60_000;
  const outcome = invoke();
  await started(8);
  processes[7]?.events.ready();
  (await inFlight(processes[7] as Process, 1))[0]?.settle(payload());
  assert.equal((await outcome).type, 'payload');
});
