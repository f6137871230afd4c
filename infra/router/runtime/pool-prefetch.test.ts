/** A pool of processes that take one event at a time, and get the next ones ahead. The test plays the processes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setLogLevel } from '../process/log.ts';
import { type Process, payload, reasonOf, stage } from './testing/pool-stage.ts';

setLogLevel('SILENT');

/** The most events that a process gets ahead. */
const most = 7;

interface Options {
  /** How long an event runs (ms). */
  runMs?: number;
  maxEnvironments?: number;
  script?: string;
}

/** Makes a pool with a process that has answered events, so that the pool knows how long they run. */
async function busyProcess(t: TestContext, { runMs = 0.5, maxEnvironments = 1, ...options }: Options = {}) {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  let ended = 0;
  const ping = async () => {
    ended++;
    return { activeMs: ended * runMs, ended, ranMs: ended * runMs };
  };
  const staged = stage(t, { ping, prefetch: true, maxEnvironments, ...options });
  const { pool, processes, invoke } = staged;
  while (![...pool.environments].some(({ activeShare }) => activeShare)) {
    const outcome = invoke('a');
    while (!processes[0]?.invoked.length) await wait(1);
    processes[0].invoked.shift()?.settle(payload());
    await outcome;
    nowMs += 50;
    await wait(1);
  }
  const own = processes[0] as Process;
  const running = invoke('a');
  assert.equal(own.invoked.length, 1);
  return {
    ...staged,
    own,
    running,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

const environmentOf = ({ pool }: Pick<Awaited<ReturnType<typeof busyProcess>>, 'pool'>) => [...pool.environments][0];

test('a process that is busy with a short event gets a few more of the same client', async (t) => {
  const { own, invoke, pool } = await busyProcess(t);
  const all = Array.from({ length: most + 2 }, () => invoke('a'));
  assert.equal(own.prefetched.length, most);
  assert.equal(pool.waiting, 2);
  own.invoked[0]?.settle(payload());
  for (let index = 0; index < all.length; index++) own.prefetched[index]?.settle(payload());
  for (const outcome of await Promise.all(all)) assert.equal(outcome.type, 'payload');
  assert.equal(own.invoked.length, 1);
});

test('a process whose events run for longer gets none ahead', async (t) => {
  const { own, invoke } = await busyProcess(t, { runMs: 2 });
  void invoke('a');
  assert.equal(own.prefetched.length, 0);
});

test('an event of another client waits for none that came after it', async (t) => {
  const { own, invoke } = await busyProcess(t);
  void invoke('a');
  void invoke('b');
  void invoke('a');
  assert.equal(own.prefetched.length, 1);
  own.invoked[0]?.settle(payload());
  own.prefetched[0]?.settle(payload());
  await new Promise(setImmediate);
  assert.equal(own.invoked[1]?.invocation.client, 'b');
});

test('the time of an event begins with its run', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { own, invoke, running } = await busyProcess(t);
  const ahead = invoke('a');
  t.mock.timers.tick(2000);
  own.invoked[0]?.settle(payload());
  await running;
  t.mock.timers.tick(2000);
  own.prefetched[0]?.settle(payload());
  assert.equal((await ahead).type, 'payload');
});

test('an event that comes back runs in another process, and no more go ahead for a second', async (t) => {
  const { own, invoke, started, processes, pass } = await busyProcess(t, { maxEnvironments: 2 });
  const ahead = invoke('a');
  assert.equal(own.prefetched.length, 1);
  own.prefetched[0]?.giveBack();
  await started(2);
  while (processes[1]?.invoked.length !== 1) await wait(1);
  processes[1].invoked[0]?.settle(payload());
  assert.equal((await ahead).type, 'payload');
  await new Promise(setImmediate);

  const [second, third] = [invoke('a'), invoke('a')];
  assert.equal(processes[1].invoked.length, 2);
  assert.equal(own.prefetched.length, 1);
  pass(1000);
  processes[1].invoked[1]?.settle(payload());
  await second;
  void third;
});

test('when a process ends, the event that runs fails, and the ones behind it run in another process', async (t) => {
  const staged = await busyProcess(t);
  const { own, invoke, running, started, processes } = staged;
  const ahead = [invoke('a'), invoke('a')];
  assert.equal(own.prefetched.length, 2);
  process.kill(environmentOf(staged)?.pid as number, 'SIGKILL');
  assert.equal(reasonOf(await running), 'exit');
  await started(2);
  const successor = processes[1] as Process;
  for (let run = 1; run <= 2; run++) {
    while (successor.invoked.length < run) await wait(1);
    successor.invoked[run - 1]?.settle(payload());
  }
  for (const outcome of await Promise.all(ahead)) assert.equal(outcome.type, 'payload');
});

test('an event fails whose process may have begun with it while it was being killed', async (t) => {
  const staged = await busyProcess(t);
  const { own, invoke, running, started, processes } = staged;
  const [first, second] = [invoke('a'), invoke('a')];
  environmentOf(staged)?.kill();
  own.invoked[0]?.settle(payload());
  assert.equal((await running).type, 'payload');
  assert.equal(reasonOf(await first), 'exit');
  await started(2);
  while (processes[1]?.invoked.length !== 1) await wait(1);
  processes[1].invoked[0]?.settle(payload());
  assert.equal((await second).type, 'payload');
});

test('a process that writes lines without a request id gets no more events ahead', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-plain-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const sign = join(folder, 'sign');
  const loop = (condition: string) => `${condition}; do sleep 0.01; done`;
  const script = `${loop(`until [ -e '${sign}' ]`)}; echo plain; ${loop('while :')}`;
  const staged = await busyProcess(t, { script });
  const { own, invoke, running } = staged;
  const environment = environmentOf(staged);
  assert.equal(environment?.mayPrefetch('a'), true);
  writeFileSync(sign, '');
  while (environment?.mayPrefetch('a')) await wait(1);
  void invoke('a');
  assert.equal(own.prefetched.length, 0);
  own.invoked[0]?.settle(payload());
  assert.equal((await running).type, 'payload');
});
