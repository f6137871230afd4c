import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exchange, open, parse } from '../../../infra/tests/lifecycle/raw.ts';
import { until } from '../../../infra/tests/support/until.ts';
import { createRequestLimit, type RequestLimitSettings } from './request-limits.ts';

/** Starts a server with two requests of each client and three in all. The target names the client. */
async function start(t: TestContext, options: Partial<RequestLimitSettings> = {}) {
  const limits = { maxRequests: 3, maxRequestsPerClient: 2, readTimeoutMs: 60_000, sweepMs: 20, ...options };
  const enter = createRequestLimit(limits);
  const held: ServerResponse[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const refusal = enter(request, response, request.url ?? '');
    if (refusal) response.writeHead(refusal.status, { ...refusal.headers, connection: 'close' }).end();
    else held.push(response);
    server.emit('judged');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (bytes: string) => {
    const judged = once(server, 'judged');
    const connection = await open(url);
    connection.socket.write(bytes);
    await judged;
    return connection;
  };
  const get = (client: string) => `GET ${client} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const halfPost = (client: string) => `POST ${client} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx`;
  return { held, url, send, get, halfPost };
}

test('requests in flight are bounded for each client and in all, and make room when they close', async (t) => {
  const { held, url, send, get } = await start(t);
  for (const client of ['/a', '/a']) await send(get(client));
  const [ofClient] = await exchange(url, get('/a'));
  assert.deepEqual([ofClient?.status, ofClient?.headers['retry-after']], [429, '1']);
  await send(get('/b'));
  const [ofAll] = await exchange(url, get('/c'));
  assert.deepEqual([ofAll?.status, ofAll?.headers['retry-after']], [503, '1']);
  const closed = once(held[0] as ServerResponse, 'close');
  held[0]?.end();
  await closed;
  await send(get('/a'));
  assert.equal(held.length, 4);
});

test('the oldest request with an incomplete body gives way, of the same client first', async (t) => {
  const { held, send, get, halfPost } = await start(t);
  await send(get('/b'));
  const [first, second] = [await send(halfPost('/a')), await send(halfPost('/a'))];
  await send(get('/a'));
  await first.closed;
  await send(get('/c'));
  await second.closed;
  for (const { received } of [first, second]) assert.equal(parse(received())[0]?.status, 408);
  assert.equal(held.length, 5, 'no request was refused');
});

test('an answer that its client does not read gives way, of the same client first', async (t) => {
  const { held, send, get } = await start(t);
  const read = await send(get('/b'));
  for (let count = 0; count < 2; count++) (await send(get('/a'))).socket.pause();
  // No socket buffers this many bytes.
  const bytes = 16 * 1_048_576;
  for (const response of held) response.write(Buffer.alloc(bytes, 'x'));
  await until('the answer that is read', () => read.received().length > bytes);
  const admit = async (client: string) => {
    const before = held.length;
    await until(`room for ${client}`, async () => {
      await send(get(client));
      return held.length > before;
    });
  };
  const ended = (count: number) =>
    until(`the end of ${count} answers`, () => {
      const flags = held.map(({ destroyed }) => destroyed);
      return flags.filter(Boolean).length === count && flags;
    });
  await admit('/a');
  const [ofReader, ...others] = await ended(1);
  assert.deepEqual([ofReader, others.at(-1)], [false, false]);
  await admit('/c');
  assert.deepEqual(await ended(2), [false, true, true, false, false]);
});

test('the answer that is read slowest gives way, if it is slow and its client has not fewer requests', async (t) => {
  const { held, url, send, get } = await start(t, { maxRequests: 4, maxRequestsPerClient: 4, isShared: true });
  /** Lets an answer seem to wait for a reader that takes so many bytes between two sweeps, of which there are 50 a second. */
  const letRead = (response: ServerResponse | undefined, bytes: number) => {
    let taken = 0;
    Object.defineProperties(response?.req.socket, {
      writableLength: { get: () => 1, configurable: true },
      bytesWritten: {
        get: () => {
          taken += bytes;
          return taken;
        },
        configurable: true,
      },
    });
  };
  for (const client of ['/slow', '/slowest', '/fast', '/api']) await send(get(client));
  for (const [at, bytes] of [20_000, 10_000, 30_000].entries()) letRead(held[at], bytes);
  const admit = async (client: string) => {
    const before = held.length;
    await until(`room for ${client}`, async () => {
      await send(get(client));
      return held.length > before;
    });
    return held.map(({ req }) => req.socket.destroyed);
  };
  assert.deepEqual(await admit('/new'), [false, true, false, false, false]);
  const [ofEqual] = await exchange(url, get('/new'));
  assert.equal(ofEqual?.status, 503, 'a client takes nothing from clients with fewer requests');
  assert.deepEqual(await admit('/newer'), [true, true, false, false, false, false]);
  const [ofNewest] = await exchange(url, get('/newest'));
  assert.equal(ofNewest?.status, 503, 'readers that are fast enough and answers that wait for the API stay');
});

test('where clients share the limit, the newest response of the client that has the most is cut', async (t) => {
  const { held, url, send, get } = await start(t, {
    maxRequests: 4,
    maxRequestsPerClient: 4,
    isShared: true,
    sweepMs: 60_000,
  });
  for (const client of ['/a', '/a', '/a', '/b']) await send(get(client));
  const isCut = () => held.map(({ req }) => req.socket.destroyed);
  await send(get('/c'));
  await until('the newest response of the busiest client is cut', () => isCut()[2]);
  assert.deepEqual(isCut(), [false, false, true, false, false]);
  const [ofOwn] = await exchange(url, get('/a'));
  assert.equal(ofOwn?.status, 503, 'a client that has the most takes nothing from the others');
  const [ofEqual] = await exchange(url, get('/b'));
  assert.equal(ofEqual?.status, 503, 'clients with the same number take nothing from each other');
});

test('a slow upload of a client that has one stays, whoever else sends', async (t) => {
  const limits = { maxRequests: 4, maxRequestsPerClient: 4, sweepMs: 60_000 };
  for (const isShared of [false, true]) {
    const { held, send, get, halfPost } = await start(t, { ...limits, isShared });
    const slow = await send(halfPost('/slow'));
    for (const client of ['/one', '/two', '/two']) await send(get(client));
    const refused = await send(get('/one'));
    assert.deepEqual([held.length, slow.socket.closed], [4, false]);
    await refused.closed;
    held[1]?.end();
    await until('room', () => held[1]?.closed);
    await send(halfPost('/two'));
    await send(halfPost('/new'));
    await until('one request of the client with most is cut', () => held[4]?.closed);
    assert.deepEqual([held.length, slow.socket.closed], [6, false]);
  }
});
