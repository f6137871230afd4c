import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';

const script = `
  const { requireCached } = await import(process.argv[1]);
  console.log(JSON.stringify(requireCached(process.argv[2], process.argv[3])));
`;

/** A module and a cache of its own. */
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
    /** The file of the cache. */
    code: () => join(cache, readdirSync(cache)[0] as string),
    /** What the module exports in a process of its own, and what that wrote to stderr. */
    async load(into = cache, env: NodeJS.ProcessEnv = {}) {
      const args = ['--input-type=module', '-e', script, join(import.meta.dirname, 'code-cache.ts'), file, into];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, ...env },
      });
      assert.equal(stderr, '');
      return JSON.parse(stdout);
    },
  };
}

const answer = (value: string) => `
  function answer() { return ${value}; }
  module.exports = { answer: answer() };`;

test('a module finds what require would give it', async (t) => {
  const { load, file, folder } = setUp(
    t,
    `const { sep } = require('node:path');
     exports.found = [sep, __filename, __dirname, module.filename, require.resolve('./module.cjs'), this === exports];
     exports.same = require('./module.cjs') === exports;`,
  );
  for (const _ of ['compiled', 'from the cache'])
    assert.deepEqual(await load(), { found: ['/', file, folder, file, file, true], same: true });
});

test('code is kept at the end of a process, and taken by the next one', async (t) => {
  const { load, code } = setUp(t, `${answer("'of one that ran'")} function other() { return 'of one that did not'; }`);
  await load();
  const { ino } = statSync(code());
  assert.ok(readFileSync(code()).includes('of one that ran'), 'with the functions that were called');
  assert.ok(!readFileSync(code()).includes('of one that did not'), 'and no others');
  assert.deepEqual(await load(), { answer: 'of one that ran' });
  assert.equal(statSync(code()).ino, ino, 'code that was taken is not written again');
});

test('code of a process that ended soon is replaced by that of one that did not', async (t) => {
  const { load, code, cache } = setUp(t, `${answer('1')} setTimeout(() => {}, process.env.RUN_MS);`);
  await load(cache, { RUN_MS: '0' });
  const early = statSync(code()).ino;
  await load(cache, { RUN_MS: '1200' });
  const whole = statSync(code()).ino;
  assert.notEqual(whole, early);
  await load(cache, { RUN_MS: '1200' });
  assert.equal(statSync(code()).ino, whole);
});

test('of a module that throws no code is kept', async (t) => {
  const { load, cache } = setUp(t, "throw new Error('not today');");
  await assert.rejects(load(), /not today/);
  assert.equal(existsSync(cache), false);
});

test('the code of another source is not taken, though it is as long', async (t) => {
  const { load, file } = setUp(t, answer('1'));
  await load();
  writeFileSync(file, answer('2'));
  for (const _ of ['written', 'taken']) assert.deepEqual(await load(), { answer: 2 });
});

test('code that is broken, cut off or of another kind is replaced', async (t) => {
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

test('a module runs where its code can not be kept', async (t) => {
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
