import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compress } from './compress.ts';

const page = `<p>${'a page that repeats itself '.repeat(200)}</p>`;

const server = createServer((request, response) => {
  compress(request, response);
  const type = new URL(request.url ?? '/', 'http://site.test').searchParams.get('type') ?? 'text/html; charset=utf-8';
  // Astro's handler passes its headers to writeHead, too.
  response.writeHead(200, { 'content-type': type, vary: 'cookie', 'content-length': Buffer.byteLength(page) });
  response.write(page.slice(0, 1_000));
  response.end(page.slice(1_000));
});
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => void server.close());

/** Sends exactly the given headers; fetch would decompress. */
async function ask(accepted: string | undefined, { path = '/', method = 'GET' } = {}) {
  const { port } = server.address() as AddressInfo;
  const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ host: '127.0.0.1', port, path, headers, method, agent: false }, resolve).once('error', reject).end();
  });
  return { headers: response.headers, body: await buffer(response) };
}

test('a page is compressed as the reader accepts it', async () => {
  const cases: [string | undefined, string | undefined][] = [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0, br;q=0.0', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [accepted, encoding] of cases) {
    const { headers, body } = await ask(accepted);
    assert.equal(headers['content-encoding'], encoding, accepted);
    const plain = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body;
    assert.equal(plain.toString(), page, accepted);
    assert.equal(headers['content-length'], encoding ? undefined : String(page.length), accepted);
    assert.match(headers.vary ?? '', /cookie, accept-encoding/i, accepted);
  }
});

test('an export is compressed; JSON, event streams and files are not', async () => {
  assert.equal((await ask('gzip', { path: '/?type=text/csv' })).headers['content-encoding'], 'gzip');
  for (const type of ['application/json', 'text/event-stream', 'text/css', 'image/svg+xml']) {
    assert.equal((await ask('gzip', { path: `/?type=${type}` })).headers['content-encoding'], undefined, type);
  }
});

test('HEAD has no body', async () => {
  assert.equal((await ask('gzip', { method: 'HEAD' })).body.length, 0);
});
