/** Walls between a function, other functions and the router. infra/docs/isolation.md names all of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { environmentIn, json, routerFor } from './environments.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-nosy-'));
after(() => rmSync(folder, { recursive: true }));
const own = { ownCode: 'done', ownFile: 'done' };

describe('a function', { concurrency: 2 }, () => {
  it('with FUNCTION_PERMISSIONS=strict reaches only its own files, and starts no programs', async (t) => {
    const router = await routerFor(t, { FUNCTION_PERMISSIONS: 'strict', FUNCTION_PATHS: folder });
    const denied = 'ERR_ACCESS_DENIED';
    assert.deepEqual(await json(fetch(`${router.url}/nosy?folder=${folder}`)), {
      ...{ othersVariables: denied, othersCode: denied, writeOwnCode: denied, program: denied },
      ...own,
    });
    assert.equal(router.logs.filter(({ level }) => level === 'ERROR').length, 0);
  });

  it('may do what the user of the router may without it', async (t) => {
    const router = await routerFor(t, { FUNCTION_PERMISSIONS: 'open' });
    assert.deepEqual(await json(fetch(`${router.url}/nosy?folder=${folder}`)), {
      ...{ othersVariables: 'done', othersCode: 'done', writeOwnCode: 'done', program: 'done' },
      ...own,
    });
  });

  it('cannot open the inspector of the router or of another function', async (t) => {
    const router = await routerFor(t);
    let errors = '';
    router.process.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    router.process.kill('SIGUSR1');
    await router.logged(({ message }) => String(message).startsWith('SIGUSR1 is ignored'));
    assert.equal(errors, '');
    const { pid } = await environmentIn(router, 'echo', 'idle');
    assert.ok(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('--disable-sigusr1'));
  });
});
