import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** Runs a test file where neither Redis nor Docker nor Chromium nor aws-lambda-ric can be found. */
function runWithoutTools(file: string, env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-path-'));
  symlinkSync(process.execPath, join(folder, 'node'));
  const args = ['--test', '--test-reporter=tap', file];
  const tools = { PATH: folder, CHROMIUM: '/nowhere', RIC_PATH: '/nowhere' };
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...tools, ...env },
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  return { status, stdout };
}

for (const [tool, file] of [
  ['redis-server', 'infra/tests/support/redis.test.ts'],
  ['redis-server', 'infra/tests/contract/redis-away.test.ts'],
  ['redis-server', 'infra/tests/faults/promises.test.ts'],
  ['redis-server', 'infra/tests/faults/classic.test.ts'],
  ['redis-server', 'functions/lib/cache/cache-store.test.ts'],
  ['Chromium', 'infra/tests/browser/journey.test.ts'],
  ['Docker', 'infra/tests/compose/stack.test.ts'],
  ['Docker', 'infra/tests/compose/lambda-image.test.ts'],
  ['aws-lambda-ric', 'infra/tests/ric/same-answers.test.ts'],
] as const) {
  test(`in continuous integration ${file} fails without ${tool}`, () => {
    const { status, stdout } = runWithoutTools(file, { CI: 'true' });
    assert.equal(status, 1, stdout);
    assert.match(stdout, new RegExp(`CI=true allows no skipped tests: .*${tool}`));
  });
}

test('elsewhere tests without their tool are skipped and say why', () => {
  const { status, stdout } = runWithoutTools('infra/tests/support/redis.test.ts', {});
  assert.equal(status, 0, stdout);
  assert.match(stdout, /# SKIP redis-server is not installed/);
});
