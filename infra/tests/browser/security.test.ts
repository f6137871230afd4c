/** Security of the site: hostile names, security headers, requests from other sites, limits. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { exchange, open } from '../lifecycle/raw.ts';
import { describeInBrowser, textOf } from '../support/browser.ts';
import { type Router, startRouter } from '../support/router.ts';
import { type Site, startSite } from '../support/site.ts';

const hostile = {
  markup: `<img src=x onerror="document.title='hacked'">`,
  script: `</script><script>document.title='hacked'</script>`,
  attribute: `" onfocus="document.title='hacked'" autofocus="`,
  rightToLeft: '\u202Egnissim \u2067esrever',
  longWord: 'W'.repeat(100),
  emoji: '👩‍👩‍👧‍👦'.repeat(12),
  braces: '{name} {{7*7}} {count}',
};

describeInBrowser('the site', (fixture) => {
  before(async () => {
    for (const [kind, name] of Object.entries(hostile)) await fixture.create(name, `${kind.toLowerCase()}@example.com`);
  });

  for (const width of [1280, 360]) {
    test(`shows hostile names as text within the page’s width, at ${width} px`, async () => {
      const page = await fixture.open('/', { viewport: { width, height: 800 } });
      const shown = await page.locator('#results tbody .name').allTextContents();
      // The API strips what would turn the text around.
      const stored = Object.values(hostile).map((name) => name.replace(/[\u202E\u2067]/g, ''));
      assert.deepEqual(shown, stored);
      const paths = [
        '/',
        '/?q=<img src=x onerror=1>',
        ...shown.map((_, index) => `/users/${index + 1}`),
        `/delete?${shown.map((_, index) => `id=${index + 1}`).join('&')}`,
        '/edit',
      ];
      for (const path of paths) {
        await page.goto(path);
        const spill = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(spill <= 0, `${path} is ${spill} px too wide`);
        // A page about a user has the name in its title. A script that ran would have replaced the whole title.
        assert.match(await page.title(), / · cadastro$/, path);
      }
    });
  }

  test('shows a hostile name as text in the confirmation of a deletion', async () => {
    const page = await fixture.open('/?q=markup');
    await page.locator('tbody input[type=checkbox]').check();
    await page.getByRole('button', { name: 'Delete selected' }).click();
    assert.equal(await textOf(page.locator('#confirm-question')), `Delete ${hostile.markup}?`);
    await page.getByRole('button', { name: 'Keep' }).click();
    assert.ok(!(await page.title()).includes('hacked'));
  });

  test('sends security headers with every response', async () => {
    for (const path of [
      '/',
      '/create',
      '/pt-br/system',
      '/nowhere',
      '/healthz',
      '/export.csv',
      '/api/users',
      '/favicon.svg',
    ]) {
      const response = await fetch(fixture.site.url + path);
      const policy = response.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /unsafe/, path);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(response.headers.get('referrer-policy'), 'same-origin', path);
      await response.body?.cancel();
    }
  });

  test('refuses requests that another site’s page sends, form or JSON', async () => {
    const body = new URLSearchParams({ name: 'Mallory', email: 'mallory@example.com' });
    const json = JSON.stringify(Object.fromEntries(body));
    const type = { 'content-type': 'application/json' };
    const sent: [string, string, string | URLSearchParams, Record<string, string>][] = [
      ['POST', '/create', body, { origin: 'https://evil.example' }],
      ['POST', '/create', body, { origin: 'null' }],
      ['POST', '/create', body, { 'sec-fetch-site': 'cross-site' }],
      ['POST', '/delete', new URLSearchParams({ user: '[1,1]' }), { origin: 'https://evil.example' }],
      ['POST', '/preferences', new URLSearchParams({ theme: 'dark' }), { 'sec-fetch-site': 'same-site' }],
      ['POST', '/api/users', json, { ...type, origin: 'https://evil.example' }],
      ['DELETE', '/api/users/1', '', { origin: 'https://evil.example' }],
    ];
    for (const [method, path, content, headers] of sent) {
      const response = await fetch(fixture.site.url + path, { method, body: content, headers, redirect: 'manual' });
      assert.equal(response.status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
    }
    assert.equal((await (await fixture.request('GET', '/users?q=mallory')).json()).total, 0);
    assert.equal((await fixture.request('GET', '/users/1')).status, 200);
  });

  test('proxies only users, health and the OpenAPI document', async () => {
    const status = async (path: string) => {
      const response = await fixture.fetch(path);
      await response.body?.cancel();
      return response.status;
    };
    for (const path of ['/api/users', '/api/users/1', '/api/health', '/api/openapi.json']) {
      assert.equal(await status(path), 200, path);
    }
    for (const path of [
      '/api/',
      '/api/status',
      '/api/users/1/x',
      '/api/2015-03-31/functions/migrate/invocations',
      '/api/users/..%2fhealth',
      '/api//users',
    ]) {
      assert.ok((await status(path)) >= 400, path);
    }
  });

  test('refuses a request body of more than 1 MiB', async () => {
    const large = 'x'.repeat(1_100_000);
    const form = new URLSearchParams({ name: large });
    assert.equal((await fetch(`${fixture.site.url}/create`, { method: 'POST', body: form })).status, 413);
    assert.equal(await sendInChunks(`${fixture.site.url}/api/users`, 'application/json'), 413);
    assert.equal(await sendInChunks(`${fixture.site.url}/create`, 'application/x-www-form-urlencoded'), 413);
  });

  test('redirects to its own pages only', async () => {
    for (const back of [
      '//evil.example',
      '/\t/evil.example',
      'https://evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const body = new URLSearchParams({ theme: 'dark', back });
      const response = await fetch(`${fixture.site.url}/preferences`, { method: 'POST', body, redirect: 'manual' });
      assert.equal(response.headers.get('location'), '/', back);
    }
  });
});

/** Requests that exceed a limit, or that no page of the site sends. */
describe('the site’s port', { concurrency: true }, () => {
  let router: Router;
  let site: Site;
  before(async () => {
    router = await startRouter({ env: { AUTH: 'off', TRUSTED_PROXIES: '127.0.0.1' } });
    site = await startSite({
      API_URL: router.url,
      STATUS_URL: router.statusUrl,
      SITE_API_TIMEOUT_MS: '120000',
      SITE_LIVE_CLIENT_LIMIT: '2',
      SITE_LIVE_LIMIT: '3',
      TRUSTED_PROXIES: '127.0.0.1',
    });
  });
  after(async () => {
    assert.deepEqual([await site.stop(), await router.stop()], [0, 0]);
  });

  const statusOf = async (path: string, headers: Record<string, string> = {}) => {
    const outgoing = request(site.url + path, { headers, agent: false });
    const [response] = await once(outgoing.end(), 'response');
    response.resume();
    return response.statusCode;
  };

  test('answers only to the hosts that are its own or allowed', async () => {
    for (const host of ['localhost', 'a.localhost:8501', '127.0.0.1', '[::1]']) {
      assert.equal(await statusOf('/healthz', { host }), 200, host);
    }
    for (const path of ['/', '/api/users', '/export.csv', '/events', '/healthz', '/favicon.svg']) {
      assert.equal(await statusOf(path, { host: 'rebind.test' }), 421, path);
    }
  });

  test('refuses a deletion of more users than the limit, by address and by form', async () => {
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `id=${index + 1}`).join('&');
    assert.equal((await fetch(`${site.url}/delete?${ids(100)}`)).status, 200);
    const refused = await fetch(`${site.url}/delete?${ids(1000)}`);
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /Delete at most 100 at a time/);
    const body = new URLSearchParams(Array.from({ length: 101 }, (_, index) => ['user', `[${index + 1},1]`]));
    assert.equal((await fetch(`${site.url}/delete`, { method: 'POST', body, redirect: 'manual' })).status, 400);
  });

  test('takes urlencoded forms alone, except for the upload of an import', async () => {
    const multipart = (path: string) => {
      const body = new FormData();
      body.set('name', 'Ana');
      return fetch(site.url + path, { method: 'POST', body });
    };
    for (const path of ['/create', '/pt-br/create', '/delete', '/users/5', '/preferences']) {
      assert.equal((await multipart(path)).status, 415, path);
    }
    assert.notEqual((await multipart('/import')).status, 415);
  });

  test('takes a form with the fields of 1,000 selected users, and refuses one with far more', async () => {
    const deletion = (count: number) => {
      const body = new URLSearchParams(Array.from({ length: count }, (_, index) => ['user', `[${index + 1},1]`]));
      return fetch(`${site.url}/delete`, { method: 'POST', body, redirect: 'manual' });
    };
    assert.notEqual((await deletion(1_000)).status, 413);
    assert.equal((await deletion(3_000)).status, 413);
  });

  test('creates a user although a form has a key that no header can carry', async () => {
    const body = new URLSearchParams({ name: 'Eva', email: 'eva@example.com', key: 'a\r\nx: y' });
    const created = await fetch(`${site.url}/create`, { method: 'POST', body, redirect: 'manual' });
    assert.equal(created.status, 303);
  });

  test('serves no file under a content type of the client’s choice', async () => {
    for (const path of ['/_image', '/_image/', '/%5fimage', '//_image']) {
      assert.equal(await statusOf(`${path}?href=/favicon.svg&f=html`), 404, path);
    }
  });

  test('opens no live updates for the page of another site', async () => {
    for (const origin of ['cross-site', 'same-site']) {
      assert.equal(await statusOf('/events', { 'sec-fetch-site': origin }), 403, origin);
    }
  });

  test('bounds the live updates of each client and in all', async () => {
    const open = (client: string) => fetch(`${site.url}/events`, { headers: { 'x-forwarded-for': client } });
    const streams = [await open('192.0.2.1'), await open('192.0.2.1')];
    const refused = await open('192.0.2.1');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '10']);
    streams.push(await open('192.0.2.2'));
    // The client that has the most loses its newest one.
    streams.push(await open('192.0.2.3'));
    const [lost] = streams.splice(1, 1);
    assert.match((await lost?.text()) ?? '', /^retry: 1000/);
    assert.equal((await open('192.0.2.2')).status, 503);
    for (const { status, body } of streams) {
      assert.equal(status, 200);
      await body?.cancel();
    }
  });

  test('serves files and other requests while two clients leave as many requests unfinished as they may', async () => {
    const unfinished = [];
    for (let index = 0; index < 128; index++) {
      const connection = await open(site.url);
      const path = index % 4 === 0 ? '/create' : '/api/users';
      const fields = `Content-Length: 100\r\nX-Forwarded-For: 192.0.2.${10 + (index % 2)}`;
      connection.socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\nx`);
      unfinished.push(connection);
    }
    // The site has judged all of them once it has cut one for another request of the same client.
    for (const client of ['192.0.2.10', '192.0.2.11', '192.0.2.12']) {
      for (const path of ['/favicon.svg', '/', '/create', '/api/users']) {
        assert.equal(await statusOf(path, { 'x-forwarded-for': client }), 200, `${path} for ${client}`);
      }
    }
    const body = new URLSearchParams({ name: 'Ana', email: 'ana@example.com' });
    const created = await fetch(`${site.url}/create`, { method: 'POST', body, redirect: 'manual' });
    assert.equal(created.status, 303);
    for (const { socket } of unfinished) socket.destroy();
  });

  test('answers a method that a page does not have with 405, and an empty form with 400', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/users/5', 'GET, HEAD, POST'],
      ['PUT', '/create', 'GET, HEAD, POST'],
      ['OPTIONS', '/', 'GET, HEAD'],
      ['POST', '/favicon.svg', 'GET, HEAD'],
    ] as const) {
      const response = await fetch(site.url + path, { method });
      assert.deepEqual([response.status, response.headers.get('allow')], [405, allow], `${method} ${path}`);
    }
    for (const path of ['/create', '/pt-br/create', '/delete', '/users/5']) {
      assert.equal((await fetch(site.url + path, { method: 'POST' })).status, 400, path);
    }
  });

  test('gives each status its own reason phrase', async () => {
    assert.equal((await fetch(`${site.url}/nowhere`)).statusText, 'Not Found');
    const body = new URLSearchParams({ name: '', email: '' });
    const invalid = await fetch(`${site.url}/create`, { method: 'POST', body });
    assert.deepEqual([invalid.status, invalid.statusText], [422, 'Unprocessable Entity']);
  });

  test('refuses a body that is too large before the client sends it', async () => {
    for (const path of ['/create', '/api/users']) {
      const fields = 'Expect: 100-continue\r\nContent-Length: 2000000\r\nConnection: close';
      const answers = await exchange(site.url, `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n`);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [413],
        path,
      );
    }
  });

  test('answers as many requests in one packet as PIPELINE_LIMIT lets wait, without a warning', async () => {
    const get = 'GET /create HTTP/1.1\r\nHost: localhost\r\n';
    const answers = await exchange(site.url, `${`${get}\r\n`.repeat(16)}${get}Connection: close\r\n\r\n`);
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(17).fill(200),
    );
    assert.doesNotMatch(site.stderr(), /MaxListenersExceededWarning/);
  });

  test('answers a header of 900 kB with 431, and an encoded NUL with 404', async () => {
    const answers = await exchange(
      site.url,
      `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'x'.repeat(900_000)}\r\n\r\n`,
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [431],
    );
    for (const path of ['/x%00', '/users/%00', '/pt-br/%00']) assert.equal(await statusOf(path), 404, path);
  });
});

/** Sends 2 MiB without a Content-Length. @returns the response's status */
function sendInChunks(url: string, type: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers: { 'content-type': type } });
    outgoing.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
      outgoing.destroy();
    });
    outgoing.once('error', reject);
    for (let part = 0; part < 32; part++) outgoing.write('x'.repeat(65_536));
    outgoing.end();
  });
}
