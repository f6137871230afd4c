/** Start, shutdown, health, static files and compression of the site's process. These tests need no browser. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';
import { startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

const entry = join(import.meta.dirname, '../../../dist/site/main.mjs');

async function withSite(run: (url: string, stop: () => Promise<number | null>) => Promise<void>): Promise<void> {
  const router: Router = await startRouter({ env: { AUTH: 'off' } });
  try {
    const site = await startSite({ API_URL: router.url, STATUS_URL: router.statusUrl });
    try {
      await run(site.url, () => site.stop());
    } finally {
      await site.stop();
    }
  } finally {
    await router.stop();
  }
}

test('an invalid setting stops the start with a one-line error and exit code 2', () => {
  const { status, stderr } = spawnSync(process.execPath, [entry], {
    env: { SITE_PORT: 'many', API_URL: 'nowhere' },
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.equal(stderr.trim().split('\n').length, 1);
  assert.match(stderr, /SITE_PORT.*API_URL/);
});

test('SIGTERM ends open event streams, lets requests in flight finish, and exits with code 0', async () => {
  await withSite(async (url, stop) => {
    const events = await fetch(`${url}/events`);
    const reader = events.body?.getReader();
    assert.match(new TextDecoder().decode((await reader?.read())?.value), /retry: 1000/);
    const list = fetch(url);
    const [code, response] = await Promise.all([stop(), list]);
    assert.equal(code, 0);
    assert.equal(response.status, 200);
    await response.text();
    // A stream that the process had cut at its exit, instead of ending it, would make `read` reject.
    let end = await reader?.read();
    while (end && !end.done) end = await reader?.read();
  });
});

test('a site that stops is not ready first, and answers for DRAIN_DELAY_MS more', async () => {
  const site = await startSite({
    API_URL: 'http://127.0.0.1:9',
    STATUS_URL: 'http://127.0.0.1:9',
    DRAIN_DELAY_MS: '3000',
  });
  const probe = async (path: string) => {
    const { status, headers, body } = await fetch(site.url + path);
    await body?.cancel();
    return [status, headers.get('connection')];
  };
  assert.deepEqual(await probe('/readyz'), [200, 'keep-alive']);
  const stopped = site.stop();
  await until('the site is not ready', async () => (await probe('/readyz'))[0] === 503);
  assert.deepEqual(await probe('/livez'), [200, 'close']);
  assert.deepEqual(await probe('/favicon.svg'), [200, 'close']);
  const events = await fetch(`${site.url}/events`);
  assert.match(await events.text(), /^retry: 1000\n\n/);
  assert.equal(await stopped, 0);
  await assert.rejects(probe('/livez'));
});

test('the site is healthy while the API is down', async () => {
  const site = await startSite({ API_URL: 'http://127.0.0.1:9', STATUS_URL: 'http://127.0.0.1:9' });
  assert.equal((await fetch(`${site.url}/readyz`)).status, 200);
  assert.equal((await fetch(site.url)).status, 503);
  const passed = await fetch(`${site.url}/api/users`);
  assert.equal(passed.status, 502);
  assert.equal(passed.headers.get('content-type'), 'application/problem+json');
  assert.equal(await site.stop(), 0);
});

test('files with a hash in their name are immutable and compressed, and a browser that has one gets 304', async () => {
  await withSite(async (url) => {
    const html = await (await fetch(url)).text();
    const style = /href="(\/_astro\/[^"]+\.css)"/.exec(html)?.[1];
    assert.ok(style);
    const response = await fetch(url + style, { headers: { 'accept-encoding': 'br' } });
    assert.equal(response.headers.get('content-encoding'), 'br');
    assert.match(response.headers.get('cache-control') ?? '', /immutable/);
    assert.match(await response.text(), /--accent/);
    const tag = response.headers.get('etag') ?? '';
    const again = await fetch(url + style, { headers: { 'accept-encoding': 'br', 'if-none-match': tag } });
    assert.equal(again.status, 304);
    assert.equal((await fetch(`${url}/_astro/..%2f..%2fserver%2fmain.mjs`)).status, 404);
  });
});

test('pages, exports and files are compressed only for a reader that accepts it', async () => {
  await withSite(async (url) => {
    for (const path of ['/', '/export.csv', '/favicon.svg']) {
      const refused = await fetch(url + path, { headers: { 'accept-encoding': 'gzip;q=0' } });
      assert.equal(refused.headers.get('content-encoding'), null, path);
      assert.ok((await refused.text()).length > 0, path);
    }
    for (const path of ['/', '/favicon.svg']) {
      const accepted = await fetch(url + path, { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(accepted.headers.get('content-encoding'), 'gzip', path);
      await accepted.text();
    }
  });
});
