import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readFolder } from './read-folder.ts';

const read = (folder: string) => readFolder(folder, { parameters: {}, stage: undefined, environment: {} });

/** Makes a project. @param files contents by path */
function projectWith(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-folder-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** @returns what the reader says of each function, in short */
const summary = async (folder: string) =>
  (await read(folder)).functions.map(({ name, handler, routes, settings }) => [
    name,
    handler,
    settings.route ?? routes.map(({ key }) => key),
  ]);

test('a sub-folder with a handler answers at its name, whatever language it is in', async (t) => {
  const names = ['handler.ts', 'handler.mts', 'handler.js', 'handler.mjs', 'handler.cjs'];
  const folder = projectWith(t, Object.fromEntries(names.map((file, index) => [`f${index}/${file}`, ''])));
  const expected = names.map((_, index) => [`f${index}`, 'handler.handler', [`ANY /f${index}`]]);
  assert.deepEqual(await summary(folder), expected);
});

test('function.json gives routes, the handler and other settings, on top of defaults.json', async (t) => {
  const folder = projectWith(t, {
    'defaults.json': '{"timeout": 10, "environment": ["A"]}',
    'one/function.json': '{"route": "GET /users/{id}", "handler": "src/users.get", "environment": {"B": "b"}}',
    'two/function.json': '{"timeout": 5}',
    'two/index.mjs': '',
    'three/function.json': '{"route": []}',
    'three/app.js': '',
  });
  assert.deepEqual(await summary(folder), [
    ['one', 'src/users.get', 'GET /users/{id}'],
    ['three', 'app.handler', []],
    ['two', 'index.handler', ['ANY /two']],
  ]);
  const [one, , two] = (await read(folder)).functions;
  assert.deepEqual(one?.settings, { timeout: 10, environment: ['A', { B: 'b' }], route: 'GET /users/{id}' });
  assert.deepEqual(two?.settings, { timeout: 5, environment: ['A'] });
});

test('folders without a handler are no functions', async (t) => {
  const folder = projectWith(t, {
    'one/handler.js': '',
    'lib/index.ts': '',
    'node_modules/handler.js': '',
    'node_modules/p/handler.js': '',
    '.git/handler.js': '',
  });
  assert.deepEqual(
    (await summary(folder)).map(([name]) => name),
    ['one'],
  );
});

test('the handler of the folder itself answers every path that no other function has', async (t) => {
  const alone = projectWith(t, { 'index.mjs': '' });
  assert.deepEqual(await summary(alone), [[basename(alone), 'index.handler', ['$default']]]);
  const beside = projectWith(t, { 'handler.ts': '', 'one/handler.ts': '' });
  assert.deepEqual(
    (await summary(beside)).map(([, , routes]) => routes),
    [['ANY /one'], ['$default']],
  );
  const name = basename(beside);
  const named = projectWith(t, { [`${name}/handler.ts`]: '', [`${name}/${name}/handler.ts`]: '' });
  assert.deepEqual(
    (await summary(join(named, name))).map(([one]) => one),
    [name, `${name}-root`],
  );
  const library = projectWith(t, { 'index.ts': '', 'one/handler.ts': '' });
  assert.deepEqual(
    (await summary(library)).map(([name]) => name),
    ['one'],
  );
});

test('a function whose function.json can not be used is at fault alone', async (t) => {
  const folder = projectWith(t, {
    'broken/function.json': '{\n  "timeout": 5,\n}',
    'named/function.json': '{\n  "name": "two"\n}',
    'list/function.json': '[]',
    'empty/function.json': '{}',
    'fine/handler.js': '',
  });
  const faults = (await read(folder)).functions.map(({ name, fault }) => [name, fault?.file, fault?.line]);
  assert.deepEqual(faults, [
    ['broken', 'broken/function.json', 3],
    ['empty', 'empty/function.json', 1],
    ['fine', undefined, undefined],
    ['list', 'list/function.json', 1],
    ['named', 'named/function.json', 2],
  ]);
});

test('a folder whose name can name no function is left out with a notice', async (t) => {
  const folder = projectWith(t, { 'one two/handler.js': '', 'one/handler.js': '' });
  const { functions, notices } = await read(folder);
  assert.equal(functions.length, 1);
  assert.deepEqual(
    notices.map(({ file }) => file),
    ['one two'],
  );
});

test('a folder without functions, or with broken defaults, can not be read', async (t) => {
  await assert.rejects(read(projectWith(t, {})), { name: 'ProjectError', place: { file: '.', line: 1 } });
  const folder = projectWith(t, { 'defaults.json': '{', 'one/handler.js': '' });
  await assert.rejects(read(folder), { name: 'ProjectError', message: /JSON/ });
});
