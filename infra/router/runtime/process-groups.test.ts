import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

/** Starts two processes in groups of their own, ends the group of the first, and prints the id of the second. */
const script = `
  import { spawn } from 'node:child_process';
  import { once } from 'node:events';
  import { endGroup, guardGroup } from ${JSON.stringify(join(import.meta.dirname, 'process-groups.ts'))};
  const [first, second] = ['a', 'b'].map(() =>
    spawn(process.execPath, ['-e', 'for (;;);'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] }));
  guardGroup(first.pid);
  guardGroup(second.pid);
  endGroup(first.pid);
  await once(first, 'exit');
  console.log('ready');`;

test('the guard ends the groups that are left when its process is killed', { timeout: 120_000 }, async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  assert.equal(String(line), 'ready\n');
  child.kill('SIGKILL');
  // The looping process holds the other end of the pipe, which closes with it.
  child.stdout.resume();
  await once(child.stdout, 'close');
});
