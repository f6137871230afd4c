import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { parseFunction } from '../manifest.ts';
import { Environment } from './environment.ts';
import { readStarvedMs, startInitTimer } from './init-timer.ts';

/** Whether this system can keep a process from a processor, and reports how long the process waited. */
function canStarve(): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const has = (command: string) => folders.some((folder) => existsSync(join(folder, command)));
  return existsSync('/proc/self/schedstat') && has('taskset');
}

test('the limit ends INIT when the process had a processor all the time', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let timeouts = 0;
  startInitTimer(
    1000,
    () => 0,
    () => timeouts++,
  );
  t.mock.timers.tick(999);
  assert.equal(timeouts, 0);
  t.mock.timers.tick(1);
  assert.equal(timeouts, 1);
});

test('time without a processor does not count', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let starved = 0;
  let timeouts = 0;
  startInitTimer(
    1000,
    () => starved,
    () => timeouts++,
  );
  starved = 600;
  t.mock.timers.tick(1000);
  starved = 900;
  t.mock.timers.tick(600);
  t.mock.timers.tick(299);
  assert.equal(timeouts, 0, 'INIT has used 1000 of 1899 ms');
  t.mock.timers.tick(1);
  assert.equal(timeouts, 1);
});

test('the limit ends with INIT', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const end = startInitTimer(
    1000,
    () => 0,
    () => assert.fail('the limit had ended'),
  );
  end();
  t.mock.timers.tick(5000);
});

test('INIT of a process that gets no processor goes on beyond the limit', { skip: !canStarve() }, async (t) => {
  // A session of its own: Linux gives a session less of one processor the more the session computes on the others, and the
  // session of the tests computes on all of them.
  const rival = spawn('taskset', ['-c', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore', detached: true });
  t.after(() => rival.kill('SIGKILL'));
  await once(rival, 'spawn');
  const limitMs = 1000;
  const environment = new Environment({
    id: 'starved',
    configuration: parseFunction({ name: 'starved' }, '/dist'),
    launch: {
      command: 'taskset',
      // The rival gets nine tenths of the processor. Where Linux shares the processor among sessions first, the session of
      // the environment needs the low priority, too.
      args: ['-c', '0', 'nice', '-n', '10', 'sh', '-c', 'echo 10 > /proc/$$/autogroup; while :; do :; done'],
      cwd: '/',
      env: { PATH: process.env.PATH },
      maxConcurrency: 1,
      connect: () => ({ invoke() {}, ping: async () => undefined, close() {} }),
    },
    initTimeoutMs: limitMs,
    writeLog() {},
    takeMetrics: () => false,
    onRoom() {},
  });
  t.after(() => environment.kill());
  environment.ready.catch(() => {});
  while (environment.state === 'starting' && readStarvedMs(environment.pid) < 1.5 * limitMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(environment.state, 'starting');
});

test('where the system does not tell, no time is starved', () => {
  assert.equal(readStarvedMs(undefined), 0);
});
