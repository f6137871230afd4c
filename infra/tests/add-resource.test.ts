/**
 * Follows the guide "Add a resource" of infra/docs/development.md word for word in a copy of the project, and checks over HTTP
 * that the new resource works and leaves cached users alone.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { commandsIn, readDocument } from './support/markdown.ts';
import { copyProject } from './support/project-copy.ts';
import { type Router, startRouter } from './support/router.ts';

const document = readDocument('infra/docs/development.md');
const guide = document.slice(document.indexOf('## Add a resource\n'), document.indexOf('\n## Test it\n'));

/** The blocks of the guide that a path precedes, in order. */
const files = [...guide.matchAll(/^`([\w./-]+)`\n\n```(ts|diff)\n(.*?)^```$/gms)].map(
  ([, path = '', language, text = '']) => ({ path, isChange: language === 'diff', text }),
);
const commands = commandsIn(guide).filter((command) => command.startsWith('npm run new'));

const copy = copyProject();
let router: Router;

before(async () => {
  const made = files.findIndex(({ path }) => path.startsWith('functions/list-tags/'));
  for (const file of files.slice(0, made)) write(file);
  for (const command of commands) await copy.run('bash', '-c', command);
  for (const file of files.slice(made)) write(file);
  await copy.run('node', 'esbuild.config.mjs');
  const env = { DATABASE_URL: `sqlite:${join(copy.folder, 'data/app.db')}` };
  router = await startRouter({ dist: join(copy.folder, 'dist'), env });
});
after(async () => {
  await router?.stop();
  copy.remove();
});

test('the guide has all its steps', () => {
  assert.equal(commands.length, 2);
  assert.equal(files.length, 11);
  assert.equal(files.filter(({ isChange }) => isChange).length, 1);
});

test('its code passes the linter, the compiler and its own tests', async () => {
  const folders = ['functions/lib/tags', 'functions/list-tags', 'functions/create-tag', 'functions/lib/database'];
  await copy.run('biome', 'check', '--error-on-warnings', ...folders);
  const tsconfig = { extends: './tsconfig.json', include: [...folders.slice(0, 3), 'functions/openapi'], exclude: [] };
  writeFileSync(join(copy.folder, 'tsconfig.tags.json'), JSON.stringify(tsconfig));
  await copy.run('tsc', '-p', 'tsconfig.tags.json');
  await copy.run('node', '--test', ...['list-tags', 'create-tag'].map((name) => `functions/${name}/handler.test.ts`));
});

test('clients create tags once, and read, search, sort and page through the cached list', async () => {
  const created = await request('POST', '/tags', { label: 'Größe' }, { 'idempotency-key': 'one' });
  assert.deepEqual([created.status, created.body], [201, { id: 1, label: 'Größe' }]);
  const again = await request('POST', '/tags', { label: 'Größe' }, { 'idempotency-key': 'one' });
  assert.deepEqual([again.status, again.body], [201, created.body]);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal((await request('POST', '/tags', { label: '' })).status, 400);

  assert.deepEqual(await cached('/tags', 'miss'), { tags: [created.body], total: 1, totalExact: true, next: null });
  await cached('/tags', 'hit');
  const second = await request('POST', '/tags', { label: 'Art' });
  assert.deepEqual((await cached('/tags?sort=label&limit=1', 'miss')).tags, [second.body]);
  assert.deepEqual((await cached('/tags?q=GRO', 'miss')).tags, [created.body]);
  const { next } = await cached('/tags?sort=label&limit=1', 'hit');
  assert.deepEqual((await cached(`/tags?sort=label&limit=1&cursor=${next}`, 'miss')).tags, [created.body]);
});

test('the document describes both routes', async () => {
  const { body } = await request('GET', '/openapi.json');
  assert.deepEqual(Object.keys(body.paths['/tags']).sort(), ['get', 'post']);
  assert.deepEqual(body.components.schemas.TagInput.properties.label.maxLength, 50);
});

test('a write to tags leaves a cached user and the cached list of users alone, and the reverse', async () => {
  const { body: user } = await request('POST', '/users', { name: 'Ada Lovelace', email: 'ada@example.com' });
  await cached('/tags', 'miss');
  await cached(`/users/${user.id}`, 'miss');
  await cached('/users', 'miss');
  for (let number = 0; number < 10; number++) {
    assert.equal((await request('POST', '/tags', { label: `Tag ${number}` })).status, 201);
    await cached(`/users/${user.id}`, 'hit');
    await cached('/users', 'hit');
    await cached('/tags', 'miss');
  }
  await request('PATCH', `/users/${user.id}`, { name: 'Ada King' });
  await cached('/tags', 'hit');
  await cached(`/users/${user.id}`, 'miss');
});

/** Writes a file of the guide. A change adds each of its lines marked with + after the line above it. */
function write({ path, isChange, text }: (typeof files)[number]): void {
  const file = join(copy.folder, path);
  mkdirSync(dirname(file), { recursive: true });
  let content = isChange ? readFileSync(file, 'utf8') : text;
  let previous = '';
  for (const line of isChange ? text.trimEnd().split('\n') : []) {
    const code = line.slice(1);
    assert.ok(line.startsWith('+') || content.includes(`${code}\n`), `${path} has no line "${code}"`);
    if (line.startsWith('+')) content = content.replace(`${previous}\n`, () => `${previous}\n${code}\n`);
    previous = code;
  }
  writeFileSync(file, content);
}

async function request(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(router.url + path, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

/** Reads a path, which must come from the cache or not. @returns the body */
async function cached(path: string, expected: 'hit' | 'miss') {
  const { status, headers, body } = await request('GET', path);
  assert.deepEqual([path, status, headers.get('x-cache')], [path, 200, expected]);
  return body;
}
