/** The API away, slow or erring: the page still stands, says so, keeps what was typed, and goes on by itself. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, hydrated, textOf, until } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { type Site, startSite } from '../support/site.ts';

type Mood = 'well' | 'cut' | 'slow' | 'erring';

describeInBrowser('with an API that fails', (stage) => {
  let mood: Mood = 'well';
  let between: Server;
  let site: Site & { apiUrl: string };

  /** Stands between the site and the real API, and behaves as the test wants. */
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (mood === 'cut') return void request.socket.destroy();
    if (mood === 'slow') return;
    if (mood === 'erring') {
      response.writeHead(500, { 'content-type': 'application/problem+json', 'x-request-id': 'req-7' });
      response.end(
        JSON.stringify({ type: 'about:blank', title: 'Boom', status: 500, detail: 'secret', requestId: 'req-7' }),
      );
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { 'content-type': type, 'idempotency-key': key, 'if-match': match } = request.headers;
    const passed = await fetch(stage.router.url + request.url, {
      method: request.method ?? 'GET',
      headers: Object.entries({ 'content-type': type, 'idempotency-key': key, 'if-match': match }).flatMap(
        ([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : []),
      ),
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const headers = Object.fromEntries(passed.headers);
    delete headers['content-length'];
    response.writeHead(passed.status, headers).end(Buffer.from(await passed.arrayBuffer()));
  }

  before(async () => {
    between = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const { port } = between.address() as AddressInfo;
    const apiUrl = `http://127.0.0.1:${port}`;
    site = { ...(await startSite({ API_URL: apiUrl, SITE_API_TIMEOUT_MS: '700' })), apiUrl };
    await stage.create('Still Here', 'still@example.com');
  });
  after(async () => {
    await site.stop();
    between.closeAllConnections();
    between.close();
  });

  const open = async (path: string, javaScriptEnabled = true): Promise<{ page: Page; status: number | undefined }> => {
    const page = await (await stage.context({ javaScriptEnabled })).newPage();
    const response = await page.goto(site.url + path);
    if (javaScriptEnabled) await hydrated(page);
    return { page, status: response?.status() };
  };

  const cases: [Mood, number, string][] = [
    ['cut', 503, 'The API cannot be reached.'],
    ['slow', 504, 'The API takes too long to answer.'],
    ['erring', 500, 'The API answered with an error (500).'],
  ];
  for (const [state, status, words] of cases) {
    test(`the list says so when the API is ${state}, and shows users again once it is well`, async () => {
      mood = state;
      const opened = await open('/');
      assert.equal(opened.status, status);
      await opened.page.getByText(words).waitFor();
      assert.ok(!(await opened.page.content()).includes('secret'));
      mood = 'well';
      await opened.page.getByText('Still Here').waitFor();
      assert.equal(await opened.page.getByText(words).count(), 0);
    });
  }

  test('an open list says so, keeps the search, and recovers', async () => {
    mood = 'well';
    const { page } = await open('/');
    mood = 'cut';
    await page.getByRole('searchbox').fill('still');
    await page.getByText('The API cannot be reached.').waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), 'still');
    mood = 'well';
    await page.getByText('Still Here').waitFor();
  });

  test('an open list outlives the site itself being away', async () => {
    mood = 'well';
    const port = String(await freePort());
    const env = { API_URL: site.apiUrl, SITE_PORT: port };
    const first = await startSite(env);
    const page = await (await stage.context()).newPage();
    await page.goto(first.url);
    await hydrated(page);
    await first.stop();
    await page.getByText('Reconnecting …').waitFor();
    await page.getByRole('searchbox').fill('nobody-at-all');
    await page.waitForTimeout(500);
    const second = await startSite(env);
    await page.getByText('Nobody matches “nobody-at-all”.').waitFor({ timeout: 15_000 });
    await page.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
    await second.stop();
  });

  test('a form keeps what was typed and saves it when the API is back', async () => {
    mood = 'well';
    const { page } = await open('/create');
    await page.getByLabel('Name').fill('Patient');
    await page.getByLabel('E-mail').fill('patient@example.com');
    mood = 'cut';
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('The API cannot be reached.').waitFor();
    await page.getByText(/What you typed is kept. Trying again in \d+ s/).waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Patient');
    mood = 'well';
    await page.getByText(/User \d+ was created\./).waitFor();
    const list = await (await stage.request('GET', '/users?q=patient')).json();
    assert.equal(list.total, 1);
  });

  test('a user’s page loads again by itself', async () => {
    mood = 'slow';
    const { page, status } = await open('/users/1');
    assert.equal(status, 504);
    await page.getByText('The API takes too long to answer.').waitFor();
    mood = 'well';
    await page.getByLabel('Name').waitFor();
  });

  test('without JavaScript the form comes back as it was typed', async () => {
    mood = 'well';
    const { page } = await open('/create', false);
    await page.getByLabel('Name').fill('Plain Patience');
    await page.getByLabel('E-mail').fill('plain-patience@example.com');
    mood = 'erring';
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText('The API answered with an error (500).').waitFor();
    assert.equal(await page.getByLabel('Name').inputValue(), 'Plain Patience');
    mood = 'well';
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByText(/User \d+ was created\./).waitFor();
  });

  test('the System page shows what is missing', async () => {
    mood = 'cut';
    const { page, status } = await open('/system');
    assert.equal(status, 200);
    await page.getByText('The router’s control API cannot be reached').waitFor();
    await until('the router is shown as down', async () =>
      /router\s*down/.test(await textOf(page.locator('.card', { hasText: 'function host' }))),
    );
  });
});
