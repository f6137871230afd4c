/** The site's log names nobody: not whom somebody looks for or creates, and not whom an import has. This test needs no browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRouter } from '../support/router.ts';
import { startSite } from '../support/site.ts';

const trace = /zacharias|quill/i;
const email = 'zacharias.quill@secret.example';

test('neither the site nor the API logs a name or an address, also while the API is away', async (context) => {
  const router = await startRouter({ env: { AUTH: 'off', LOG_LEVEL: 'DEBUG', ROUTER_LOG_LEVEL: 'DEBUG' } });
  const site = await startSite({ API_URL: router.url, STATUS_URL: router.statusUrl });
  context.after(() => Promise.all([site.stop(), router.stop()]));
  let printed = '';
  for (const stream of [site.process.stdout, site.process.stderr, router.process.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
  }
  const get = async (path: string) => {
    const response = await fetch(site.url + path);
    return { status: response.status, text: await response.text() };
  };
  const post = async (path: string, body: URLSearchParams | FormData) => {
    const headers = { origin: site.url };
    const response = await fetch(site.url + path, { method: 'POST', body, headers, redirect: 'manual' });
    await response.text();
    return response.status;
  };
  const person = (name: string) => new URLSearchParams({ name, email });
  const file = new FormData();
  file.set(
    'file',
    new Blob([`Name,E-mail\nQuill Zacharias,${email}x\nQuill,wrong\n`], { type: 'text/csv' }),
    'quill.csv',
  );

  assert.equal(await post('/create', person('Zacharias Quill')), 303);
  assert.match((await get('/?q=Zacharias+Quill')).text, /secret\.example/);
  const statuses = [
    await post('/create', person('Zacharias Quill')),
    await post('/create', new URLSearchParams({ name: '', email: 'Zacharias Quill' })),
    await post('/import', file),
    (await get('/nowhere/Quill?q=Quill')).status,
    (await get('/?q=Quill&limit=Quill')).status,
    (await get('/export.csv?q=Quill')).status,
  ];
  assert.deepEqual(statuses.slice(0, 3), [409, 422, 303], statuses.join());

  await router.stop();
  for (const path of ['/?q=Zacharias+Quill', '/export.csv?q=Quill', '/twins?q=Quill']) {
    assert.ok((await get(path)).status >= 500, path);
  }
  assert.ok((await post('/create', person('Zacharias Quill'))) >= 500);
  const lines = [...router.logs.map((line) => JSON.stringify(line)), ...printed.split('\n')];
  assert.ok(router.logs.some(({ message }) => message === 'User created'));
  assert.deepEqual(
    lines.filter((line) => trace.test(line)),
    [],
  );
});
