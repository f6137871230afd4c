import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

/** Runs a test file under the reporter. @returns the exit code and the lines of the report */
function report(t: TestContext, source: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-report-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'one.test.mjs'), `import { describe, it } from 'node:test';\n${source}`);
  const args = ['--test', `--test-reporter=${join(import.meta.dirname, 'test-reporter.ts')}`, 'one.test.mjs'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, env: {}, encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n') };
}

test('a run that passes is a line for each file, the reasons of skipped tests and one last line', (t) => {
  const { status, lines } = report(
    t,
    "describe('all', () => { it('passes', () => console.log('quiet')); it('is skipped', { skip: 'no tool' }, () => {}); });" +
      "describe('a suite', { skip: 'no tool' }, () => { it('is skipped with it', () => {}); });",
  );
  assert.equal(status, 0);
  assert.match(lines[0] ?? '', /one\.test\.mjs: 1 passed, 0 failed, 1 skipped in [\d.]+ s$/);
  assert.equal(lines[1], 'Skipped 2: no tool');
  assert.match(lines[2] ?? '', /^1 passed, 0 failed, 2 skipped in [\d.]+ s$/);
  assert.equal(lines.length, 3);
});

test('a run that fails shows each failure as a whole, and its place once more before the last line', (t) => {
  const { status, lines } = report(
    t,
    "describe('all', () => { it('fails', () => { console.log('output'); throw new TypeError('the reason'); }); it('passes', () => {}); });",
  );
  assert.equal(status, 1);
  assert.ok(lines.includes('TypeError: the reason'));
  assert.ok(lines.includes('output'));
  assert.equal(lines.filter((line) => /^✖ .*one\.test\.mjs:2 fails$/.test(line)).length, 2);
  assert.match(lines.at(-1) ?? '', /^1 passed, 1 failed, 0 skipped in [\d.]+ s$/);
});

test('a file that does not load is a failure', (t) => {
  const { status, lines } = report(t, "throw new Error('does not load');");
  assert.equal(status, 1);
  assert.ok(lines.includes('Error: does not load'));
  assert.match(lines.at(-1) ?? '', /^0 passed, 1 failed, 0 skipped/);
});
