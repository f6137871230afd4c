import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createStaticFiles } from './static-files.ts';

const script = '/_astro/app.a1b2.js';
const content = '0123456789';
const folder = mkdtempSync(join(tmpdir(), 'static-files-'));
mkdirSync(join(folder, '_astro'));
writeFileSync(join(folder, script), content);
writeFileSync(join(folder, `${script}.br`), 'as br');
writeFileSync(join(folder, `${script}.gz`), 'as gzip');
writeFileSync(join(folder, 'favicon.svg'), '<svg/>');

const serve = createStaticFiles(folder);
const server = createServer((request, response) => {
  if (!serve(request, response, request.url ?? '')) response.writeHead(299).end();
});
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Sends exactly the given headers; fetch would add its own Accept-Encoding. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    send({ host: '127.0.0.1', port, path, headers, method, agent: false }, resolve).once('error', reject).end();
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('the smallest variant that the browser accepts is sent, whatever the order', async () => {
  const cases: [string | undefined, string | undefined][] = [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0, br;q=0', undefined],
    ['gzip;q=0', undefined],
    ['*', 'br'],
    ['*;q=0, identity', undefined],
    ['identity', undefined],
    ['xbr', undefined],
    [undefined, undefined],
  ];
  for (const [accepted, encoding] of cases) {
    const { status, headers, body } = await ask(script, accepted === undefined ? {} : { 'accept-encoding': accepted });
    assert.equal(status, 200, accepted);
    assert.equal(headers['content-encoding'], encoding, accepted);
    assert.equal(body, encoding ? `as ${encoding}` : content, accepted);
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(headers.vary, 'accept-encoding');
  }
});

test('a browser that has the file gets 304 without a body', async () => {
  for (const encoding of ['br', 'gzip', 'identity']) {
    const first = await ask(script, { 'accept-encoding': encoding });
    const tag = first.headers.etag;
    assert.ok(tag, encoding);
    for (const condition of [tag, `"other", ${tag}`, '*']) {
      const { status, body, headers } = await ask(script, { 'accept-encoding': encoding, 'if-none-match': condition });
      assert.deepEqual([status, body, headers.etag], [304, '', tag], condition);
    }
    const fetched = { 'accept-encoding': encoding, 'if-none-match': tag, 'cache-control': 'no-cache' };
    assert.equal((await ask(script, fetched)).status, 304, 'fetch sends no-cache along');
    assert.equal((await ask(script, { 'accept-encoding': encoding, 'if-none-match': '"other"' })).status, 200);
  }
  const tags = await Promise.all(
    ['br', 'gzip', 'identity'].map((encoding) => ask(script, { 'accept-encoding': encoding })),
  );
  assert.equal(new Set(tags.map(({ headers }) => headers.etag)).size, 3, 'each encoding has a tag of its own');
});

test('only files with a hash in their name are cached for good', async () => {
  assert.equal((await ask(script)).headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal((await ask('/favicon.svg')).headers['cache-control'], 'public, max-age=3600');
});

test('HEAD answers as GET would, without the body', async () => {
  const { status, headers, body } = await ask(script, { 'accept-encoding': 'br' }, 'HEAD');
  assert.deepEqual([status, body, headers['content-encoding'], headers['content-length']], [200, '', 'br', '5']);
});

test('a range is a part of the file, and one past its end is refused with the security headers', async () => {
  const part = await ask(script, { range: 'bytes=2-4' });
  assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, '234', 'bytes 2-4/10']);
  const last = await ask(script, { range: 'bytes=-3' });
  assert.deepEqual([last.status, last.body], [206, '789']);
  const beyond = await ask(script, { range: 'bytes=20-', 'accept-encoding': 'br' });
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */5']);
  assert.equal(beyond.headers['content-encoding'], undefined);
  assert.equal(beyond.headers['cache-control'], 'no-store');
  assert.equal(beyond.headers['x-content-type-options'], 'nosniff');
});

test('every other request is left to the pages', async () => {
  for (const path of [
    '/',
    '/_astro/',
    '/nowhere.js',
    `${script}.br`,
    '/_astro/../favicon.svg',
    '/_astro/%2e%2e/favicon.svg',
  ]) {
    assert.equal((await ask(path)).status, 299, path);
  }
  assert.equal((await ask(script, {}, 'POST')).status, 299);
});

test('a file that disappeared since the start is 404', async (t) => {
  writeFileSync(join(folder, 'old.txt'), 'x');
  const late = createStaticFiles(folder);
  rmSync(join(folder, 'old.txt'));
  const other = createServer((request, response) => late(request, response, request.url ?? ''));
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/old.txt`);
  assert.equal(response.status, 404);
  assert.equal(await response.text(), 'This file cannot be sent as requested.\n');
});
