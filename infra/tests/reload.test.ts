import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildFunctions } from '../../esbuild.config.mjs';
import { type Router, startRouter } from './support/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-reload-'));
const source = join(folder, 'functions');
const dist = join(folder, 'dist');
let router: Router;

function write(name: string, configuration: object, handler: string): void {
  mkdirSync(join(source, name), { recursive: true });
  writeFileSync(join(source, name, 'function.json'), JSON.stringify(configuration));
  writeFileSync(join(source, name, 'handler.ts'), handler);
}

/** A function that says its version; with ?ms=, only after so long. */
const versioned = (version: number) => `
  export const handler = async (event: { queryStringParameters?: { ms?: string } }) => {
    const { ms } = event.queryStringParameters ?? {};
    if (ms) console.log('waiting');
    await new Promise((resolve) => setTimeout(resolve, Number(ms ?? 0)));
    return { version: ${version} };
  };`;

async function reload(): Promise<void> {
  const seen = router.logs.length;
  await buildFunctions(source, dist);
  router.process.kill('SIGHUP');
  await router.logged((line) => router.logs.indexOf(line) >= seen && /^Reload/.test(String(line.message)));
}

const get = async (path: string) =>
  (await fetch(router.url + path)).json() as Promise<{ version?: number; pid?: number }>;

before(async () => {
  write('hello', { route: 'GET /hello', provisionedConcurrency: 1, maxConcurrency: 10 }, versioned(1));
  await buildFunctions(source, dist);
  router = await startRouter({ env: { DIST_FOLDER: dist } });
});

after(async () => {
  await router?.stop();
  rmSync(folder, { recursive: true });
});

test('new requests meet the new code while those in flight finish on the old', async () => {
  const waiting = router.logged(({ message }) => message === 'waiting');
  let answered = false;
  const inFlight = get('/hello?ms=1500').finally(() => {
    answered = true;
  });
  await waiting;
  write('hello', { route: 'GET /hello', provisionedConcurrency: 1, maxConcurrency: 10 }, versioned(2));
  await reload();
  assert.deepEqual(await get('/hello'), { version: 2 });
  assert.equal(answered, false, 'the first request is still with the old process');
  assert.deepEqual(await inFlight, { version: 1 });
});

test('code that does not load leaves the old one serving and says why', async () => {
  write('hello', { route: 'GET /hello', provisionedConcurrency: 1 }, 'throw new Error("does not load");');
  await reload();
  assert.deepEqual(await get('/hello'), { version: 2 });
  const line = router.logs.find(({ message }) => message === 'INIT failed');
  assert.equal(line?.errorMessage, 'does not load');
});

test('a function that is new gets its route, and one that is gone loses it', async () => {
  write('hello', { route: 'GET /hello' }, versioned(3));
  write('other', { route: 'GET /other' }, versioned(4));
  await reload();
  assert.deepEqual(await get('/other'), { version: 4 });
  rmSync(join(source, 'other'), { recursive: true });
  await reload();
  assert.equal((await fetch(`${router.url}/other`)).status, 404);
  assert.deepEqual(await get('/hello'), { version: 3 });
});

test('of many that have changed, those start first that were invoked last', async () => {
  const names = ['one', 'two', 'three'];
  const build = (version: number) => {
    for (const name of names) {
      const handler = `export const handler = async () => ({ version: ${version}, pid: process.pid });`;
      write(name, { route: `GET /${name}`, provisionedConcurrency: 1 }, handler);
    }
  };
  build(5);
  await reload();
  for (const name of ['one', 'three', 'two']) await get(`/${name}`);
  build(6);
  await reload();
  const answers = await Promise.all(['two', 'three', 'one'].map((name) => get(`/${name}`)));
  assert.deepEqual(
    answers.map(({ version }) => version),
    [6, 6, 6],
  );
  const pids = answers.map(({ pid }) => Number(pid));
  assert.deepEqual(
    pids,
    pids.toSorted((one, other) => one - other),
  );
});
