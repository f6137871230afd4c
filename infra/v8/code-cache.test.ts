import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';

const script = `
  const { requireCached } = await import(process.argv[1]);
  const { exports, saveCode } = requireCached(process.argv[2], process.argv[3]);
  console.log(JSON.stringify(exports));
  saveCode();
`;

/** Makes a module, and a cache that no other test uses. */
function setUp(t: TestContext, source: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-code-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'module.cjs');
  const cache = join(folder, 'made', 'cache');
  writeFileSync(file, source);
  return {
    folder,
    file,
    cache,
    /** @returns the path of the cached code */
    code: () => join(cache, readdirSync(cache)[0] as string),
    /** Loads the module in a new process. @returns its exports */
    async load(into = cache) {
      const args = ['--input-type=module', '-e', script, join(import.meta.dirname, 'code-cache.ts'), file, into];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
      assert.equal(stderr, '');
      return JSON.parse(stdout);
    },
  };
}

const answer = (value: string) => `
  function answer() { return ${value}; }
  module.exports = { answer: answer() };`;

test('a module finds the same surroundings as with require', async (t) => {
  const { load, file, folder } = setUp(
    t,
    `const { sep } = require('node:path');
     exports.found = [sep, __filename, __dirname, module.filename, require.resolve('./module.cjs'), this === exports];
     exports.same = require('./module.cjs') === exports;`,
  );
  for (const _ of ['compiled', 'from the cache'])
    assert.deepEqual(await load(), { found: ['/', file, folder, file, file, true], same: true });
});

test('a process saves the code that it ran, and the next one takes it', async (t) => {
  const { load, code } = setUp(
    t,
    `${answer("'of a function that ran'")} function other() { return 'of another one'; }`,
  );
  await load();
  const { ino } = statSync(code());
  assert.ok(readFileSync(code()).includes('of a function that ran'), 'the functions that were called');
  assert.ok(!readFileSync(code()).includes('of another one'), 'and no others');
  assert.deepEqual(await load(), { answer: 'of a function that ran' });
  assert.equal(statSync(code()).ino, ino, 'code that was taken is not written again');
});

test('the code of a module that throws is not kept', async (t) => {
  const { load, cache } = setUp(t, "throw new Error('not today');");
  await assert.rejects(load(), /not today/);
  assert.equal(existsSync(cache), false);
});

test('the code of another source of the same length is not taken', async (t) => {
  const { load, file } = setUp(t, answer('1'));
  await load();
  writeFileSync(file, answer('2'));
  for (const _ of ['written', 'taken']) assert.deepEqual(await load(), { answer: 2 });
});

test('code that is damaged, cut off or of another kind is replaced', async (t) => {
  const { load, code } = setUp(t, answer('1'));
  await load();
  const whole = readFileSync(code());
  const broken = Buffer.from(whole);
  broken[broken.length >> 1] = 255 - (broken[broken.length >> 1] as number);
  for (const spoiled of [broken, whole.subarray(0, -1), whole.subarray(0, 3), Buffer.from('no code at all')]) {
    writeFileSync(code(), spoiled);
    assert.deepEqual(await load(), { answer: 1 });
    assert.deepEqual(readFileSync(code()).length, whole.length);
    assert.deepEqual(await load(), { answer: 1 });
  }
});

test('a module runs where its code cannot be written', async (t) => {
  const { load, file } = setUp(t, answer('1'));
  assert.deepEqual(await load(join(file, 'a file is no folder')), { answer: 1 });
});

test('a module may import', async (t) => {
  const { load, folder } = setUp(
    t,
    `exports.imported = 0; import('./other.mjs').then((o) => console.error(o.default))`,
  );
  writeFileSync(join(folder, 'other.mjs'), 'export default "seen"');
  for (const _ of ['compiled', 'from the cache']) await assert.rejects(load(), /seen/);
});
