/** `npm run new` in a copy of the project. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { copyProject } from './support/project-copy.ts';
import { startRouter } from './support/router.ts';

const copy = copyProject();
after(() => copy.remove());

const made = [
  ['get-thing', 'GET /things/{id}'],
  ['create-thing', 'POST /things'],
  ['any_file', 'ANY /files/{path+}'],
  ['delete-it', 'DELETE /it'],
] as const;

test('makes functions that the linter and the compiler accept', async () => {
  for (const [name, route] of made) {
    const { stdout } = await copy.run('node', 'infra/scripts/new.ts', name, route);
    assert.match(stdout, new RegExp(`^Made functions/${name}/:`));
    assert.match(stdout, /\nNext: npm run dev, .* curl -i .*http:\/\/127\.0\.0\.1:8080\//);
  }
  const folders = made.map(([name]) => `functions/${name}`);
  await copy.run('biome', 'check', '--error-on-warnings', ...folders);
  const tsconfig = { extends: './tsconfig.json', include: [...folders, 'functions/openapi'], exclude: [] };
  writeFileSync(join(copy.folder, 'tsconfig.new.json'), JSON.stringify(tsconfig));
  await copy.run('tsc', '-p', 'tsconfig.new.json');
});

test('makes functions that pass their tests', async () => {
  await copy.run('node', '--test', ...made.map(([name]) => `functions/${name}/handler.test.ts`));
});

test('makes functions that are served and documented', async () => {
  await copy.run('node', 'esbuild.config.mjs');
  const dist = join(copy.folder, 'dist');
  const router = await startRouter({ dist, functions: ['openapi', ...made.map(([name]) => name)] });
  try {
    const answer = await fetch(`${router.url}/things/a%2Fb`);
    assert.deepEqual([answer.status, await answer.json()], [200, { id: 'a/b' }]);
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
    assert.deepEqual(await (await fetch(`${router.url}/things`, post)).json(), { body: { a: 1 } });
    assert.deepEqual(await (await fetch(`${router.url}/files/a/b`, post)).json(), { path: 'a/b', body: { a: 1 } });
    const { paths } = (await (await fetch(`${router.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; summary: string }>>;
    };
    assert.equal(paths['/things/{id}']?.get?.operationId, 'getThing');
    assert.equal(paths['/files/{path}']?.patch?.summary, 'Any file');
  } finally {
    await router.stop();
  }
});

test('refuses names and routes that are malformed or taken, in one line, and makes nothing', async () => {
  const before = readdirSync(join(copy.folder, 'functions'));
  const cases: [args: string[], message: RegExp][] = [
    [[], /^Give a name and a route/],
    [['only-a-name'], /^Give a name and a route/],
    [['get-user', 'GET /x'], /^functions\/get-user exists already/],
    [['lib', 'GET /x'], /^functions\/lib exists already/],
    [['../x', 'GET /x'], /^function name "\.\.\/x": it takes 1 to 64 letters/],
    [['x', 'GET /users/{name}'], /^route "GET \/users\/\{name\}" is both get-user's as "GET \/users\/\{id\}" and x's/],
    [['x', 'GET x'], /^route "GET x": it takes GET, POST/],
    [['x', 'FETCH /x'], /^route "FETCH \/x": it takes GET, POST/],
    [['x', 'GET /{a+}/b'], /^route "GET \/\{a\+\}\/b" of x: /],
  ];
  for (const [args, message] of cases) {
    await assert.rejects(copy.run('node', 'infra/scripts/new.ts', ...args), ({ code, stderr }) => {
      assert.equal(code, 2);
      assert.match(stderr, message);
      return stderr.trim().split('\n').length === 1;
    });
  }
  assert.deepEqual(readdirSync(join(copy.folder, 'functions')), before);
  assert.ok(!existsSync(join(copy.folder, 'x')));
});

test('explains itself', async () => {
  const { stdout } = await copy.run('node', 'infra/scripts/new.ts', '--help');
  assert.match(stdout, /npm run new -- get-thing 'GET \/things\/\{id\}'/);
});
