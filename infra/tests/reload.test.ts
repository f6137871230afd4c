import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildFunctions } from '../../esbuild.config.mjs';
import { openableGate } from './support/gate.ts';
import { type Router, startRouter } from './support/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-reload-'));
const source = join(folder, 'functions');
const dist = join(folder, 'dist');
let router: Router;

function write(name: string, configuration: object, handler: string): void {
  mkdirSync(join(source, name), { recursive: true });
  writeFileSync(join(source, name, 'function.json'), JSON.stringify({ timeout: 300, ...configuration }));
  writeFileSync(join(source, name, 'handler.ts'), handler);
}

/** Source of a function that answers with its version, with `?gate=` only once the test opens the gate. */
const versioned = (version: number) => `
  import { passGate } from ${JSON.stringify(join(import.meta.dirname, 'fixtures/gate.ts'))};
  export const handler = async (event: { queryStringParameters?: { gate?: string } }) => {
    const { gate } = event.queryStringParameters ?? {};
    if (gate) await passGate(gate);
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

test('new requests meet the new code while those in flight finish on the old', async (t) => {
  const gate = await openableGate(t);
  const inFlight = [1, 2, 3].map(() => get(`/hello?gate=${gate.url}`));
  await gate.arrived(3);
  write('hello', { route: 'GET /hello', provisionedConcurrency: 1, maxConcurrency: 10 }, versioned(2));
  await reload();
  const next = await Promise.all([1, 2, 3].map(() => get('/hello')));
  assert.deepEqual(next, [{ version: 2 }, { version: 2 }, { version: 2 }]);
  gate.open();
  assert.deepEqual(await Promise.all(inFlight), [{ version: 1 }, { version: 1 }, { version: 1 }]);
});

test('code that does not load leaves the old one serving and says why', async () => {
  const failing = 'export const handler = () => {}; throw new Error("does not load");';
  write('hello', { route: 'GET /hello', provisionedConcurrency: 1 }, failing);
  await reload();
  const answers = await Promise.all(Array.from({ length: 20 }, () => get('/hello')));
  assert.deepEqual(
    answers,
    answers.map(() => ({ version: 2 })),
  );
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
