/** A pool of processes that take one event at a time, and compute for it. The test plays the processes. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setLogLevel } from '../process/log.ts';
import { shortRunMs } from './pick-environment.ts';
import { payload, stage } from './testing/pool-stage.ts';

setLogLevel('SILENT');

const processors = availableParallelism();

test('short invocations get as many processes as there are processors, and long ones get more', async (t) => {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  let worked = 0;
  const ping = async () => ({ activeMs: ++worked, ended: worked, ranMs: worked });
  const { pool, processes, invoke } = stage(t, { ping });
  /** How many invocations the processes have got. */
  const taken = () => processes.reduce((sum, { invoked }) => sum + invoked.length, 0);
  const answer = async () => {
    const outcome = invoke();
    while (taken() === 0) await wait(1);
    processes[0]?.invoked.at(-1)?.settle(payload());
    await outcome;
    nowMs += 50;
    await wait(1);
  };
  while (![...pool.environments].some(({ activeShare }) => activeShare)) await answer();

  const before = taken();
  const count = processors + 2;
  const all = Promise.all(Array.from({ length: count }, () => invoke()));
  await new Promise(setImmediate);
  assert.ok(processes.length <= processors, `${processes.length} processes`);
  nowMs += shortRunMs;
  // The invocations go on, so the others get processes of their own.
  while (taken() < before + count) await wait(1);
  for (const { invoked } of processes) for (const { settle } of invoked) settle(payload());
  await all;
});
