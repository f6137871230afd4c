import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const skip = process.platform !== 'linux' && 'only Linux has the policy';

/** Reads the policy that a child inherits: field 41 of /proc/PID/stat (proc_pid_stat(5)). */
const policy = () => execFileSync('cut', ['-d ', '-f41', '/proc/self/stat'], { encoding: 'utf8' }).trim();
const batch = '3';

/** @returns the policy that a child inherits after scheduleAsBatch(), which looks for chrt in `path` */
async function policyAfter(path: string | undefined): Promise<string> {
  const script = `
    import { execFileSync } from 'node:child_process';
    import { scheduleAsBatch } from ${JSON.stringify(join(import.meta.dirname, 'scheduling.ts'))};
    const { PATH } = process.env;
    process.env.PATH = process.argv[1];
    await scheduleAsBatch();
    process.env.PATH = PATH;
    console.log((${policy})());`;
  const args = ['--input-type=module', '-e', script, path ?? ''];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}

test('a child of the process inherits SCHED_BATCH', { skip }, async () => {
  assert.equal(await policyAfter(process.env.PATH), batch);
});

test('without chrt the policy stays as it was', { skip }, async () => {
  assert.equal(await policyAfter('/nowhere'), policy());
});
