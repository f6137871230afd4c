import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findFunctions } from '../../esbuild.config.mjs';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const names = findFunctions().map(({ name }) => name);

test('every function is a bundle of its own of at most 800 kB, with a linked source map', () => {
  assert.ok(names.length >= 9);
  for (const name of names) {
    const folder = join(dist, 'functions', name);
    assert.deepEqual(readdirSync(folder).sort(), ['handler.mjs', 'handler.mjs.map']);
    const { size } = statSync(join(folder, 'handler.mjs'));
    assert.ok(size <= 800_000, `${name} has ${size} bytes`);
    assert.match(readFileSync(join(folder, 'handler.mjs'), 'utf8'), /\/\/# sourceMappingURL=handler\.mjs\.map\s*$/);
  }
});

test('the native better-sqlite3 stays outside of the bundles', () => {
  const bundle = readFileSync(join(dist, 'functions/get-user/handler.mjs'), 'utf8');
  assert.match(bundle, /["']better-sqlite3["']/);
});

test('the manifest has every function.json and the hash of its code', () => {
  const manifest = JSON.parse(readFileSync(join(dist, 'functions.json'), 'utf8'));
  assert.deepEqual(manifest.map(({ name }: { name: string }) => name).sort(), [...names].sort());
  for (const { code, codeSha256 } of manifest) {
    assert.ok(existsSync(join(dist, code, 'handler.mjs')));
    assert.match(codeSha256, /^[A-Za-z0-9+/]{43}=$/);
  }
});

test('a function loads nothing of Node that its start does not need', async () => {
  const script = `
    await import(process.argv[1]);
    console.log(process.moduleLoadList.join());
    process.exit();
  `;
  const bundle = join(dist, 'functions/get-user/handler.mjs');
  const env = { PATH: process.env.PATH, DATABASE_URL: 'sqlite:unused.db', REDIS_URL: 'redis://127.0.0.1:1' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, bundle], {
    env,
  });
  assert.match(stdout, /NativeModule net,/);
  for (const name of ['tls', 'http', 'undici', 'worker_threads', 'internal/util/diff'])
    assert.doesNotMatch(stdout, new RegExp(`NativeModule ${name},`));
});
