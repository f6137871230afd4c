import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../../infra/tests/support/property.ts';
import { createProxy, forwardedHeaders, forwardingFault } from './proxy.ts';

const maxBodyBytes = 1_000;

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts an API with the given listener and a site in front of it. @returns the address of the site */
async function start(t: TestContext, api: RequestListener | string, apiTimeoutMs = 60_000): Promise<string> {
  const url = typeof api === 'string' ? api : await listen(t, api);
  const proxy = createProxy({ apiUrl: new URL('/base/', url), apiTimeoutMs, maxBodyBytes });
  return listen(t, async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://site.test');
    if (!(await proxy(request, response, pathname, search))) response.writeHead(299).end();
  });
}

test('a request and its answer pass with the headers that matter, and no others', async (t) => {
  const seen: { line: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const answered = {
    allow: 'GET',
    'content-type': 'application/json',
    etag: '"3"',
    'idempotency-replayed': 'true',
    location: '/users/7',
    'retry-after': '1',
    'server-timing': 'db;dur=1',
    'x-cache': 'miss',
    'x-request-id': 'r-1',
  };
  const site = await start(t, async (request, response) => {
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: await text(request) });
    response.writeHead(201, { ...answered, 'set-cookie': 'secret=1', 'x-powered-by': 'x' }).end('{"id":7}');
  });
  const asked = {
    accept: 'application/json',
    'content-type': 'application/json',
    'idempotency-key': 'k',
    'if-match': '"2"',
    'if-none-match': '"1"',
    'x-forwarded-for': '192.0.2.1',
    'x-request-id': 'r-1',
  };
  const response = await fetch(`${site}/api/users?limit=1`, {
    method: 'POST',
    headers: { ...asked, authorization: 'Bearer x', cookie: 'theme=dark' },
    body: '{}',
  });
  assert.equal(response.status, 201);
  assert.equal(await response.text(), '{"id":7}');
  for (const [name, value] of Object.entries(answered)) assert.equal(response.headers.get(name), value, name);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  for (const name of ['set-cookie', 'x-powered-by']) assert.equal(response.headers.get(name), null, name);
  const [request] = seen;
  assert.equal(request?.line, 'POST /base/users?limit=1');
  assert.equal(request?.body, '{}');
  for (const [name, value] of Object.entries(asked)) assert.equal(request?.headers[name], value, name);
  for (const name of ['authorization', 'cookie']) assert.equal(request?.headers[name], undefined, name);
});

test('answers without a body pass as they are', async (t) => {
  const site = await start(t, (request, response) => {
    response
      .writeHead(request.method === 'DELETE' ? 204 : request.method === 'HEAD' ? 200 : 304, { etag: '"1"' })
      .end();
  });
  for (const [method, status] of [
    ['DELETE', 204],
    ['HEAD', 200],
    ['GET', 304],
  ] as const) {
    const response = await fetch(`${site}/api/users/1`, { method });
    assert.deepEqual([response.status, await response.text()], [status, ''], method);
  }
});

test('only the API’s own paths pass', async (t) => {
  const site = await start(t, (_request, response) => void response.end('{}'));
  for (const path of ['/api/users', '/api/users/1', '/api/health', '/api/openapi.json']) {
    assert.equal((await fetch(site + path)).status, 200, path);
  }
  for (const path of [
    '/api/',
    '/api/status',
    '/api/users/1/x',
    '/api//users',
    '/api/users/..%2fhealth',
    '/api/users/1%5c',
  ]) {
    assert.equal((await fetch(site + path)).status, 404, path);
  }
  assert.equal((await fetch(`${site}/apiary`)).status, 299);
});

test('a body over the limit is refused, announced or not, and the connection ends', async (t) => {
  const site = await start(t, (request, response) => void request.resume().once('end', () => response.end('{}')));
  assert.equal((await fetch(`${site}/api/users`, { method: 'POST', body: 'x'.repeat(maxBodyBytes) })).status, 200);
  for (const headers of [{ 'content-length': maxBodyBytes + 1 }, { 'transfer-encoding': 'chunked' }]) {
    const outgoing = send(`${site}/api/users`, { method: 'POST', headers });
    // The site may close the connection while the body is still being sent.
    outgoing.on('error', () => {});
    outgoing.write('x'.repeat(maxBodyBytes));
    if (!('content-length' in headers)) outgoing.write('x');
    const [response] = await once(outgoing, 'response');
    assert.equal(response.statusCode, 413, JSON.stringify(headers));
    assert.equal(response.headers.connection, 'close');
    assert.equal(response.headers['content-type'], 'application/problem+json');
    response.resume();
    outgoing.destroy();
  }
});

test('an API that is away is 502, and one that does not answer in time 504', async (t) => {
  const away = await start(t, 'http://127.0.0.1:9');
  const refused = await fetch(`${away}/api/users`);
  assert.deepEqual([refused.status, (await refused.json()).title], [502, 'The API cannot be reached']);
  const silent = await start(t, () => {}, 50);
  const late = await fetch(`${silent}/api/users`);
  assert.deepEqual([late.status, (await late.json()).title], [504, 'The API takes too long to answer']);
});

test('an answer that breaks off breaks off for the reader, too', async (t) => {
  const site = await start(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
    response.write('{"users":', () => response.destroy());
  });
  const response = await fetch(`${site}/api/users`);
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
});

test('the request to the API ends when the reader leaves', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const site = await start(t, (request) => {
    request.socket.once('close', () => ended.resolve());
    arrived.resolve();
  });
  const leaving = new AbortController();
  const asked = fetch(`${site}/api/users`, { signal: leaving.signal });
  await arrived.promise;
  leaving.abort();
  await assert.rejects(asked);
  await ended.promise;
});

test('a body that its method does not define is refused, so that nobody takes it for the next request', async (t) => {
  const asked: string[] = [];
  const site = await start(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  const hidden = 'DELETE /users/2 HTTP/1.1\r\nHost: x\r\n\r\n';
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
    for (const headers of [{ 'content-length': hidden.length }, { 'transfer-encoding': 'chunked' }]) {
      const outgoing = send(`${site}/api/users/1`, { method, headers });
      outgoing.end(hidden);
      const [response] = await once(outgoing, 'response');
      response.resume();
      assert.deepEqual([response.statusCode, response.headers.connection], [400, 'close'], method);
    }
  }
  assert.deepEqual(asked, []);
});

test('whatever the headers of a request are, only known ones pass, and none of them is for one connection only', async () => {
  const name = fc.constantFrom(
    'connection',
    'transfer-encoding',
    'te',
    'trailer',
    'upgrade',
    'expect',
    'host',
    'keep-alive',
    'proxy-authorization',
    'cookie',
    'authorization',
    'content-length',
    'content-type',
    'if-match',
    'x-forwarded-for',
  );
  const value = fc.oneof(fc.constantFrom('chunked', 'close', '5', 'if-match', 'X-A, Content-Length'), fc.string());
  const passed = /^(accept|content-(type|length)|idempotency-key|if-(none-)?match|x-(request-id|forwarded-for))$/;
  await holds(
    fc.property(fc.constantFrom('GET', 'POST', 'DELETE'), fc.dictionary(name, value), (method, headers) => {
      const sent = forwardedHeaders(headers);
      for (const [key, text] of Object.entries(sent)) {
        assert.match(key, passed);
        assert.equal(text, headers[key]);
      }
      const fault = forwardingFault({ method, headers });
      const named = (headers.connection ?? '').split(',').map((part) => part.trim().toLowerCase());
      if (named.some((key) => passed.test(key))) assert.ok(fault);
      if (method !== 'POST' && headers['transfer-encoding'] !== undefined) assert.ok(fault);
    }),
  );
});

test('the credential of a request is that of the session, and none that the client sends', () => {
  const client = { authorization: 'Bearer forged', 'x-api-key': 'forged', cookie: 'cadastro-session=x' };
  assert.deepEqual(forwardedHeaders(client), {});
  assert.deepEqual(forwardedHeaders({ ...client, 'x-session-token': 'cads_1' }), { authorization: 'Bearer cads_1' });
});
