/** An API that is down, slow or failing: pages say so, keep the typed text and recover by themselves. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { type Site, startSite } from '../support/site.ts';

/** `down` closes the connection, `slow` never answers, `failing` answers 500. */
type ApiState = 'up' | 'down' | 'slow' | 'failing';

/** Short, because the tests of a slow API wait for it; long enough for a busy machine to answer other requests. */
const apiTimeoutMs = 3_000;

describeInBrowser('with an API that fails', (fixture) => {
  let apiState: ApiState = 'up';
  let proxy: Server;
  let site: Site & { apiUrl: string };

  /** Passes a request to the real API, or fails as `apiState` says. */
  async function proxyRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (apiState === 'down') return void request.socket.destroy();
    if (apiState === 'slow') return;
    if (apiState === 'failing') {
      response.writeHead(500, { 'content-type': 'application/problem+json', 'x-request-id': 'req-7' });
      response.end(
        JSON.stringify({ type: 'about:blank', title: 'Boom', status: 500, detail: 'secret', requestId: 'req-7' }),
      );
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { 'content-type': type, 'idempotency-key': key, 'if-match': match, authorization } = request.headers;
    const passed = await fetch(fixture.router.url + request.url, {
      method: request.method ?? 'GET',
      headers: Object.entries({
        'content-type': type,
        'idempotency-key': key,
        'if-match': match,
        authorization,
      }).flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : [])),
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const headers = Object.fromEntries(passed.headers);
    delete headers['content-length'];
    response.writeHead(passed.status, headers).end(Buffer.from(await passed.arrayBuffer()));
  }

  before(async () => {
    proxy = createServer((request, response) => void proxyRequest(request, response).catch(() => response.destroy()));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const apiUrl = `http://127.0.0.1:${port}`;
    const env = {
      ...fixture.siteAccounts,
      API_URL: apiUrl,
      STATUS_URL: apiUrl,
      SITE_API_TIMEOUT_MS: String(apiTimeoutMs),
    };
    site = { ...(await startSite(env)), apiUrl };
    await fixture.create('Still Here', 'still@example.com');
  });
  after(async () => {
    await site.stop();
    proxy.closeAllConnections();
    proxy.close();
  });

  const open = async (path: string, javaScriptEnabled = true): Promise<{ page: Page; status: number | undefined }> => {
    const page = await (await fixture.context({ javaScriptEnabled })).newPage();
    const response = await page.goto(site.url + path);
    if (javaScriptEnabled) await hydrated(page);
    return { page, status: response?.status() };
  };

  const cases: [ApiState, number, string][] = [
    ['down', 503, 'The server cannot be reached.'],
    ['slow', 504, 'The server is taking too long to answer.'],
    ['failing', 500, 'Something went wrong on the server (error 500).'],
  ];
  for (const [state, status, message] of cases) {
    test(`the list says so when the API is ${state}, and shows users again once the API is up`, async () => {
      apiState = state;
      const opened = await open('/');
      assert.equal(opened.status, status);
      await opened.page.getByText(message).waitFor();
      assert.ok(!(await opened.page.content()).includes('secret'));
      apiState = 'up';
      await opened.page.getByText('Still Here').waitFor();
      assert.equal(await opened.page.getByText(message).count(), 0);
    });
  }

  test('an open list says so, keeps the search, and recovers', async () => {
    apiState = 'up';
    const { page } = await open('/');
    apiState = 'down';
    await page.getByRole('searchbox').fill('still');
    await page.getByText('The server cannot be reached.').waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), 'still');
    apiState = 'up';
    await page.getByText('Still Here').waitFor();
  });

  test('an open list recovers when the site itself restarts', async () => {
    apiState = 'up';
    const port = String(await freePort());
    const env = { ...fixture.siteAccounts, API_URL: site.apiUrl, SITE_PORT: port };
    const first = await startSite(env);
    const page = await (await fixture.context()).newPage();
    await page.goto(first.url);
    await hydrated(page);
    await first.stop();
    await page.getByText('Reconnecting…').waitFor();
    await Promise.all([
      page.waitForEvent('requestfailed', (request) => request.url().includes('q=nobody-at-all')),
      page.getByRole('searchbox').fill('nobody-at-all'),
    ]);
    const second = await startSite(env);
    await page.getByText('No users found for “nobody-at-all”.').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
    await second.stop();
  });

  test('a form keeps the typed text and saves it when the API is up again', async () => {
    apiState = 'up';
    const { page } = await open('/create');
    await page.getByLabel('Name').fill('Patient');
    await page.getByLabel('E-mail').fill('patient@example.com');
    apiState = 'down';
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('The server cannot be reached.').waitFor();
    await page.getByText(/What you typed is kept. Trying again in \d+ s/).waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Patient');
    apiState = 'up';
    await page.getByText(/User \d+ was created\./).waitFor();
    const list = await (await fixture.request('GET', '/users?q=patient')).json();
    assert.equal(list.total, 1);
  });

  test('a user’s page reloads by itself', async () => {
    apiState = 'slow';
    const { page, status } = await open('/users/1');
    assert.equal(status, 504);
    await page.getByText('The server is taking too long to answer.').waitFor();
    apiState = 'up';
    await page.getByLabel('Name').waitFor();
  });

  test('without JavaScript the form comes back with the typed text', async () => {
    apiState = 'up';
    const { page } = await open('/create', false);
    await page.getByLabel('Name').fill('Plain Patience');
    await page.getByLabel('E-mail').fill('plain-patience@example.com');
    apiState = 'failing';
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('Something went wrong on the server (error 500).').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Plain Patience');
    apiState = 'up';
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText(/User \d+ was created\./).waitFor();
  });

  test('without JavaScript an edit stays an edit, with the version that the reader saw', async () => {
    apiState = 'up';
    const { id } = await fixture.create('Once Only', 'once-only@example.com');
    const { page } = await open(`/users/${id}`, false);
    await page.getByLabel('Name').fill('Twice Never');
    apiState = 'slow';
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('The server is taking too long to answer.').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Create user' }).count(), 0);
    apiState = 'up';
    await fixture.request('PATCH', `/users/${id}`, { email: 'only-once@example.com' });
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('both changes were kept').waitFor();
    const { name, email } = await (await fixture.request('GET', `/users/${id}`)).json();
    assert.deepEqual([name, email], ['Twice Never', 'only-once@example.com']);
  });

  test('without JavaScript the restoration of an earlier state says that it may have happened', async () => {
    apiState = 'up';
    const { id } = await fixture.create('Before', 'before@example.com');
    await fixture.request('PATCH', `/users/${id}`, { name: 'After' });
    const { page } = await open(`/users/${id}`, false);
    apiState = 'failing';
    await page.getByRole('region', { name: 'History' }).getByRole('button').click();
    await page.getByText('Your change may have been made all the same.').waitFor();
  });

  test('without JavaScript a deletion keeps the choice', async () => {
    apiState = 'up';
    const { id } = await fixture.create('Chosen', 'chosen@example.com');
    const { page } = await open(`/delete?id=${id}`, false);
    apiState = 'failing';
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('Something went wrong on the server (error 500).').waitFor();
    // The site can't know who sends the form.
    if (fixture.siteAccounts.AUTH) return page.getByText('your browser then sends the form again').waitFor();
    apiState = 'up';
    await page.getByRole('link', { name: 'Try again' }).click();
    await page.getByText('Chosen').first().waitFor();
  });

  test('without JavaScript a deletion of all found users says that it may have happened', async () => {
    apiState = 'up';
    await fixture.create('Findable', 'findable@example.com');
    const { page } = await open('/delete?q=findable', false);
    apiState = 'failing';
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    if (fixture.siteAccounts.AUTH) return page.getByText('your browser then sends the form again').waitFor();
    await page.getByText('Some of the users may not have been deleted.').waitFor();
  });

  test('the System page shows which parts are down', async () => {
    apiState = 'down';
    const { page, status } = await open('/system');
    // Only an administrator sees which parts there are, and the API can't tell who is one.
    if (fixture.siteAccounts.AUTH) {
      assert.equal(status, 503);
      await page.getByText('The server cannot be reached.').waitFor();
      return;
    }
    assert.equal(status, 200);
    await page.getByText('The router’s status server cannot be reached').waitFor();
    await until('the router is shown as down', async () =>
      /router\s*down/.test(await textOf(page.locator('.card', { hasText: 'runs the functions' }))),
    );
  });
});
