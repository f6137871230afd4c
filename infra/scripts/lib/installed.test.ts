import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isInstalled } from './installed.mjs';

const lock = {
  '': { name: 'project', version: '1.0.0' },
  'node_modules/one': { version: '1.2.3' },
  'node_modules/for-another-platform': { version: '1.0.0', optional: true },
};

/** Makes a folder with that lock. @param installed the content of npm's own list of installed packages */
function project(t: TestContext, installed?: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-installed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: lock }));
  if (installed) {
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  }
  return folder;
}

test('packages that npm ci has installed are not installed again', (t) => {
  assert.equal(isInstalled(project(t, { 'node_modules/one': { version: '1.2.3' } })), true);
});

test('packages that are missing or of another version are installed', (t) => {
  assert.equal(isInstalled(project(t)), false);
  assert.equal(isInstalled(project(t, {})), false);
  assert.equal(isInstalled(project(t, { 'node_modules/one': { version: '1.2.2' } })), false);
});
