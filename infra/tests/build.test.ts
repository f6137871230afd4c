import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { buildFunctions, findFunctions } from '../../esbuild.config.mjs';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const names = findFunctions().map(({ name }) => name);

test('every function is a bundle of its own of at most 800 kB, with a linked source map', () => {
  assert.ok(names.length >= 9);
  for (const name of names) {
    const folder = join(dist, 'functions', name);
    assert.deepEqual(readdirSync(folder).sort(), ['handler.cjs', 'handler.cjs.map']);
    const { size } = statSync(join(folder, 'handler.cjs'));
    assert.ok(size <= 800_000, `${name} has ${size} bytes`);
    assert.match(readFileSync(join(folder, 'handler.cjs'), 'utf8'), /\/\/# sourceMappingURL=handler\.cjs\.map\s*$/);
  }
});

test('what only an ES module can do makes the bundle one, as long as it does it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-build-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const build = async (handler: string) => {
    mkdirSync(join(folder, 'functions/one'), { recursive: true });
    writeFileSync(join(folder, 'functions/one/function.json'), '{}');
    writeFileSync(join(folder, 'functions/one/handler.ts'), handler);
    await buildFunctions(join(folder, 'functions'), join(folder, 'dist'));
    const [file = '', ...others] = readdirSync(join(folder, 'dist/functions/one'));
    assert.deepEqual(others, [`${file}.map`]);
    const bundle = join(folder, 'dist/functions/one', file);
    const script = `import(${JSON.stringify(bundle)}).then(({ handler }) => console.log(handler()))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    return [file, stdout.trim()];
  };
  const dist = join(folder, 'dist/functions/one');
  assert.deepEqual(await build('export const handler = () => import.meta.dirname;'), ['handler.cjs', dist]);
  assert.deepEqual(await build('const one = await 1; export const handler = () => one;'), ['handler.mjs', '1']);
  assert.deepEqual(await build('export const handler = () => 2;'), ['handler.cjs', '2']);
  assert.deepEqual(await build('export const handler = () => typeof import.meta.url;'), ['handler.mjs', 'string']);
});

test('the native better-sqlite3 stays outside of the bundles', () => {
  const bundle = readFileSync(join(dist, 'functions/get-user/handler.cjs'), 'utf8');
  assert.match(bundle, /["']better-sqlite3["']/);
});

test('the manifest has every function.json and the hash of its code', () => {
  const manifest = JSON.parse(readFileSync(join(dist, 'functions.json'), 'utf8'));
  assert.deepEqual(manifest.map(({ name }: { name: string }) => name).sort(), [...names].sort());
  for (const { code, codeSha256 } of manifest) {
    assert.ok(existsSync(join(dist, code, 'handler.cjs')));
    assert.match(codeSha256, /^[A-Za-z0-9+/]{43}=$/);
  }
});

test('a function loads nothing of Node that its start does not need', async () => {
  const script = `
    await import(process.argv[1]);
    console.log(process.moduleLoadList.join());
    process.exit();
  `;
  const bundle = join(dist, 'functions/get-user/handler.cjs');
  const env = { PATH: process.env.PATH, DATABASE_URL: 'sqlite:unused.db', REDIS_URL: 'redis://127.0.0.1:1' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, bundle], {
    env,
  });
  assert.match(stdout, /NativeModule net,/);
  for (const name of ['tls', 'http', 'undici', 'worker_threads', 'internal/util/diff'])
    assert.doesNotMatch(stdout, new RegExp(`NativeModule ${name},`));
});
