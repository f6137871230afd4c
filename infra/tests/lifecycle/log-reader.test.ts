/** A reader of the router's log that stands still: the function that prints waits, and the router's memory stays level. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { processUsage } from '../../router/process/process-usage.ts';
import { until } from '../support/until.ts';
import { environmentIn, routerFor } from './environments.ts';

const skip = processUsage(process.pid) === undefined && 'needs /proc';
/** @returns whether a process waits for something other than a processor */
const sleeps = (pid: number | undefined) => /\) S /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

const lines = 4000;
const padding = 20_000;

it('a function that prints faster than anybody reads waits, and no line is lost', { skip }, async (t) => {
  const router = await routerFor(t);
  const before = processUsage(router.process.pid)?.residentBytes ?? 0;
  router.process.stdout?.pause();
  const asked = fetch(`${router.controlUrl}/2015-03-31/functions/logs/invocations`, {
    method: 'POST',
    headers: { 'x-amz-log-type': 'Tail' },
    body: JSON.stringify({ lines, padding }),
  });
  const { pid } = await environmentIn(router, 'logs', 'busy');
  const pids = [pid, router.process.pid];
  let spent: string | undefined;
  await until(
    'function and router have nothing to do',
    () => {
      const before = spent;
      spent = pids.map((one) => processUsage(one)?.cpuSeconds).join();
      return before === spent && pids.every(sleeps);
    },
    { every: 300 },
  );
  assert.equal((await fetch(`${router.url}/echo`)).status, 200);
  const grown = (processUsage(router.process.pid)?.peakResidentBytes ?? 0) - before;
  router.process.stdout?.resume();
  const answer = await asked;
  assert.equal(await answer.json(), lines);
  const tail = Buffer.from(answer.headers.get('x-amz-log-result') ?? '', 'base64').toString();
  assert.match(tail, /to stderr.+\nEND RequestId: /s);
  const last = await router.logged(({ message }) => String(message).startsWith(`line ${lines} `));
  assert.ok(last);
  const numbers = router.logs.flatMap(({ message }) => /^line (\d+) /.exec(String(message))?.[1] ?? []).map(Number);
  assert.deepEqual(
    numbers,
    Array.from({ length: lines }, (_, index) => index + 1),
  );
  assert.ok(grown < (lines * padding) / 2, `the router's memory grew by ${grown} bytes`);
});
