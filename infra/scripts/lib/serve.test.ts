import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { gone } from '../../tests/lifecycle/environments.ts';

const root = join(import.meta.dirname, '../../..');

/** A server that computes, and has started a program that no signal but SIGKILL ends. */
const server = `
  const { spawn } = require('node:child_process');
  const script = "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1e6)";
  spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] }).stdout.once('data', (pid) => {
    console.log(process.pid + ' ' + String(pid).trim() + ' listening at');
    for (;;);
  });
`;
const serving = `
  const { serve } = await import('./infra/scripts/lib/serve.ts');
  serve('a', ['-e', ${JSON.stringify(server)}], process.env);
`;
/** Stands for `infra/scripts/run.mjs`. */
const running = `
  const { spawn } = await import('node:child_process');
  spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(serving)}], { stdio: 'inherit' });
`;

/** Starts a program. @returns it, and the processes of the server that it serves */
async function start(t: TestContext, script: string): Promise<{ child: ChildProcess; pids: number[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  const pids = String(line).split(' ', 2).map(Number);
  t.after(() => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended, as it should.
      }
    }
  });
  return { child, pids };
}

for (const [what, script] of [
  ['the command', serving],
  ['the program that runs the command', running],
] as const) {
  test(`servers end with what they have started when ${what} is killed`, async (t) => {
    const { child, pids } = await start(t, script);
    child.kill('SIGKILL');
    for (const pid of pids) await gone(pid);
    assert.equal(pids.length, 2);
  });
}
