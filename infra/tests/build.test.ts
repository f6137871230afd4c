import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { buildFunctions, findFunctions, watchFunctions } from '../../esbuild.config.mjs';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const names = findFunctions().map(({ name }) => name);

test('every function is a bundle of its own of at most 1.4 MB, with a linked source map', () => {
  assert.ok(names.length >= 9);
  for (const name of names) {
    const folder = join(dist, 'functions', name);
    const [bundle = '', ...others] = readdirSync(folder).sort();
    assert.match(bundle, /^handler\.[cm]js$/);
    assert.deepEqual(others, [`${bundle}.map`]);
    const { size } = statSync(join(folder, bundle));
    assert.ok(size <= 1_400_000, `${name} has ${size} bytes`);
    const lastLine = readFileSync(join(folder, bundle), 'utf8').trimEnd().split('\n').at(-1);
    assert.equal(lastLine, `//# sourceMappingURL=${bundle}.map`);
  }
});

/** Builds one function after the other in a folder of its own. */
function oneFunction(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-build-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const source = join(folder, 'functions/one');
  const built = join(folder, 'dist/functions/one');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'function.json'), '{}');
  return {
    folder,
    built,
    /** @returns the bundle's name, and what the handler returns as it is printed */
    async run(handler: string): Promise<string[]> {
      writeFileSync(join(source, 'handler.ts'), handler);
      await buildFunctions(join(folder, 'functions'), join(folder, 'dist'));
      const [file = '', ...others] = readdirSync(built);
      assert.deepEqual(others, [`${file}.map`]);
      const script = `import(${JSON.stringify(join(built, file))}).then(({ handler }) => console.log(handler()))`;
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
      return [file, stdout.trim()];
    },
  };
}

test('what only an ES module can do makes the bundle one, as long as it does it', async (t) => {
  const { built, run } = oneFunction(t);
  assert.deepEqual(await run('export const handler = () => import.meta.dirname;'), ['handler.cjs', built]);
  assert.deepEqual(await run('const one = await 1; export const handler = () => one;'), ['handler.mjs', '1']);
  assert.deepEqual(await run('export const handler = () => 2;'), ['handler.cjs', '2']);
  assert.deepEqual(await run('export const handler = () => typeof import.meta.url;'), ['handler.mjs', 'string']);
});

test("a handler's own modules and Node's are what it says they are, whatever their names", async (t) => {
  const { folder, run } = oneFunction(t);
  for (const name of ['postgres', 'mysql', 'mssql', 'oracle', 'mariadb']) {
    writeFileSync(join(folder, 'functions/one', `${name}.ts`), `export const own = '${name}';`);
    const handler = `import { own } from './${name}'; export const handler = () => own;`;
    assert.deepEqual(await run(handler), ['handler.cjs', name]);
  }
  assert.deepEqual(await run("import tls from 'tls'; export const handler = () => typeof tls.createServer;"), [
    'handler.cjs',
    'function',
  ]);
});

test('packages are bundled whole', async (t) => {
  const { run } = oneFunction(t);
  const ioredis = JSON.stringify(join(root, 'node_modules/ioredis'));
  const handler = `import { Cluster, Redis } from ${ioredis};
    export const handler = () => [Cluster, Redis].map((one) => typeof one.prototype.connect).join();`;
  assert.deepEqual(await run(handler), ['handler.cjs', 'function,function']);
});

test('while it watches, a save renews the functions that it is part of, and none when it does not build', async (t) => {
  const { folder } = oneFunction(t);
  const dist = join(folder, 'dist');
  const shared = join(folder, 'functions/shared.ts');
  const sharing = "import { shared } from '../shared.ts'; export const handler = () => shared();";
  const handlers = { one: sharing, two: sharing, other: 'export const handler = await (() => 0);' };
  const write = (name: string, handler: string) => {
    mkdirSync(join(folder, 'functions', name), { recursive: true });
    writeFileSync(join(folder, 'functions', name, 'function.json'), '{}');
    writeFileSync(join(folder, 'functions', name, 'handler.ts'), handler);
  };
  for (const [name, handler] of Object.entries(handlers)) write(name, handler);
  const watched = watchFunctions(join(folder, 'functions'), dist);
  t.after(() => watched.stop());
  /** @returns what each handler returns, and the hashes of the manifest */
  const look = async () => {
    const manifest: { name: string; code: string; codeSha256: string }[] = JSON.parse(
      readFileSync(join(dist, 'functions.json'), 'utf8'),
    );
    const load = async ({ name, code, codeSha256 }: (typeof manifest)[0]) => {
      const file = join(dist, code, 'handler.mjs');
      const text = readFileSync(file, 'utf8');
      assert.equal(createHash('sha256').update(text).digest('base64'), codeSha256);
      const { handler } = await import(file);
      return [name, [handler(), codeSha256, file, text]];
    };
    return Object.fromEntries(await Promise.all(manifest.map(load)));
  };

  writeFileSync(shared, 'export const shared = () => __filename;');
  await watched.rebuild();
  const first = await look();
  assert.match(first.one[0], /dist\/chunks\/[^/]+\.mjs$/);
  assert.equal(first.two[0], first.one[0]);

  writeFileSync(shared, 'export const shared = () => 1;');
  await watched.rebuild();
  const second = await look();
  assert.deepEqual([second.one[0], second.two[0]], [1, 1]);
  assert.notEqual(second.one[1], first.one[1]);
  // A process that starts again on the first build finds the first code.
  assert.equal(readFileSync(first.one[2], 'utf8'), first.one[3]);
  assert.deepEqual(second.other, first.other);

  writeFileSync(shared, 'export const shared = (');
  await assert.rejects(watched.rebuild());
  assert.deepEqual(await look(), second);

  writeFileSync(shared, 'export const shared = () => 2;');
  await watched.rebuild();
  rmSync(join(folder, 'functions/two'), { recursive: true });
  await watched.rebuild();
  const last = await look();
  assert.deepEqual(Object.keys(last), ['one', 'other']);
  assert.equal(last.one[0], 2);

  // The function comes back as it was, as when a developer switches to another branch and back.
  write('two', sharing);
  await watched.rebuild();
  assert.equal((await look()).two[0], 2);
});

test('names stay: those of error types, and of functions in stack traces', async (t) => {
  const { run } = oneFunction(t);
  const handler = `
    class TeapotError extends Error {}
    const short = (count: number) => {
      const stout = () => (count ? short(count - 1) : new TeapotError());
      return [1].map(stout).map(stout)[0];
    };
    export const handler = () => {
      const { constructor, stack = '' } = short(1);
      return [constructor.name, ...Array.from(stack.matchAll(/at (\\w+) /g), ([, name]) => name)].join();
    };`;
  assert.deepEqual(await run(handler), ['handler.cjs', 'TeapotError,stout,short,stout,short,handler']);
});

test('the native better-sqlite3 stays outside of the bundles', () => {
  const bundle = readFileSync(join(dist, 'functions/get-user/handler.cjs'), 'utf8');
  assert.match(bundle, /["']better-sqlite3["']/);
});

test('the manifest has every function.json and the hash of its code', () => {
  const manifest = JSON.parse(readFileSync(join(dist, 'functions.json'), 'utf8'));
  assert.deepEqual(manifest.map(({ name }: { name: string }) => name).sort(), [...names].sort());
  for (const { code, codeSha256 } of manifest) {
    const [file = ''] = readdirSync(join(dist, code)).filter((name) => /^handler\.[cm]js$/.test(name));
    const bundle = readFileSync(join(dist, code, file));
    assert.equal(codeSha256, createHash('sha256').update(bundle).digest('base64'));
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
  for (const name of ['http', 'undici', 'worker_threads', 'internal/util/diff'])
    assert.doesNotMatch(stdout, new RegExp(`NativeModule ${name},`));
});
