import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findFunctions } from './functions.mjs';

/** Makes a folder of functions. @param files contents by path */
function folderWith(t: TestContext, files: Record<string, object | string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-functions-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

test('a function has the settings of defaults.json, and its own on top', (t) => {
  const folder = folderWith(t, {
    'defaults.json': { $schema: 'x', timeout: 10, memorySize: 256, environment: ['A', 'B'] },
    'one/function.json': { $schema: 'y', route: 'GET /one', timeout: 5 },
    'two/function.json': { environment: ['B', 'C'] },
    'lib/schema.ts': '',
  });
  assert.deepEqual(
    findFunctions(folder, '.').map(({ name, configuration }) => ({ name, ...configuration })),
    [
      { name: 'one', timeout: 5, memorySize: 256, environment: ['A', 'B'], route: 'GET /one' },
      { name: 'two', timeout: 10, memorySize: 256, environment: ['A', 'B', 'C'] },
    ],
  );
});

test('a function is named by its folder alone', (t) => {
  for (const settings of [{ name: 'two' }, { name: 'one' }, { code: 'elsewhere' }, { codeSha256: 'x' }]) {
    const folder = folderWith(t, { 'one/function.json': settings, 'two/function.json': {} });
    const [field] = Object.keys(settings);
    assert.throws(() => findFunctions(folder, '.'), { message: new RegExp(`^one/function.json: remove "${field}"`) });
  }
});

test('an error names the file that cannot be read', (t) => {
  const folder = folderWith(t, { 'one/function.json': '{' });
  assert.throws(() => findFunctions(folder, '.'), { message: /^one\/function\.json: .*JSON/ });
});

test('settings and routes that the router would refuse fail the build', (t) => {
  const misspelt = folderWith(t, { 'one/function.json': { timout: 5 } });
  assert.throws(() => findFunctions(misspelt, '.'), /function\.json of one: unknown setting "timout"/);
  const taken = folderWith(t, {
    'one/function.json': { route: 'GET /x/{a}' },
    'two/function.json': { route: 'GET /x/{b}' },
  });
  assert.throws(() => findFunctions(taken, '.'), /is both one's as "GET \/x\/\{a\}" and two's/);
});

test('a handler without a function.json fails the build', (t) => {
  const folder = folderWith(t, { 'one/handler.ts': '', 'lib/text.ts': '' });
  assert.throws(() => findFunctions(folder, '.'), /^Error: one has a handler\.ts and no function\.json/);
});
