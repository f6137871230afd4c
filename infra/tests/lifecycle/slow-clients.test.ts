/** Hundreds of clients that send or read slowly: the others are served, and the router's memory stays level. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { processUsage } from '../../router/process/process-usage.ts';
import type { Router } from '../support/router.ts';
import { until } from '../support/until.ts';
import { routerFor } from './environments.ts';
import { open, parse } from './raw.ts';

const skip = processUsage(process.pid) === undefined && 'needs /proc';
const megabyte = 1024 * 1024;
const clients = 200;
/** The system keeps up to 4 MB of an answer for a client that does not read, and the router the rest, at least 2 MB. */
const answer = { path: `/huge-answer?bytes=${6 * megabyte}`, settings: { MAX_PAYLOAD_BYTES: String(6 * megabyte) } };

/** Opens connections for some work and closes them after it: a router that stops waits for requests that still arrive. */
async function withSockets(url: string, count: number, work: (sockets: Socket[]) => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname));
  try {
    for (const socket of sockets) socket.on('error', () => {});
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await work(sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function askAndWait(socket: Socket, path: string): void {
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

/** A paused socket notices that the other end has closed when it writes. */
function isClosed(socket: Socket): boolean {
  if (!socket.destroyed) socket.write('\r\n');
  return socket.destroyed;
}

/**
 * Runs work and checks that the router's peak memory grows by much less than it would if nothing limited it.
 * @param unlimitedBytes that the router would hold then; garbage of the clients that gave way counts as well
 */
async function staysLevel(
  { process: { pid } }: Router,
  unlimitedBytes: number,
  work: () => Promise<void>,
): Promise<void> {
  const before = processUsage(pid)?.residentBytes ?? 0;
  await work();
  const grown = (processUsage(pid)?.peakResidentBytes ?? 0) - before;
  assert.ok(grown < 0.7 * unlimitedBytes, `the router's memory grew by ${grown} bytes`);
}

describe('slow clients', { concurrency: 2 }, () => {
  it('that send bodies give way to others with 503, and the others are served', { skip }, async (t) => {
    const memory = 8 * megabyte;
    const router = await routerFor(t, { REQUEST_MEMORY_BYTES: String(memory) });
    const body = Buffer.alloc(megabyte - 1);
    const work = async (sockets: Socket[]) => {
      let refused = 0;
      for (const socket of sockets) {
        socket.once('data', (data) => {
          if (/^HTTP\/1.1 503 .+\r\nretry-after: 1\r\n/s.test(String(data))) refused++;
        });
        socket.write(`POST /binary-echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${megabyte}\r\n\r\n`);
        socket.write(body);
      }
      // All but eight do not fit.
      await until('the slow clients are refused', () => refused >= clients - 8);
      const other = await fetch(`${router.url}/binary-echo`, { method: 'POST', body: Buffer.alloc(megabyte) });
      assert.equal(other.status, 200);
      assert.equal((await other.arrayBuffer()).byteLength, megabyte);
    };
    await staysLevel(router, clients * megabyte, () => withSockets(router.url, clients, work));
  });

  it('that send each byte by itself are counted with what a chunk takes', async (t) => {
    const router = await routerFor(t, { REQUEST_MEMORY_BYTES: String(megabyte), MAX_PAYLOAD_BYTES: String(megabyte) });
    const { socket, received, closed } = await open(router.url);
    t.after(() => socket.destroy());
    socket.setNoDelay(true);
    socket.write('POST /binary-echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write('1\r\nx\r\n'.repeat(20_000));
    await closed;
    assert.equal(parse(received())[0]?.status, 503);
  });

  it('that do not read their answers lose their connections, and the others are served', { skip }, async (t) => {
    const memory = 24 * megabyte;
    const router = await routerFor(t, { ...answer.settings, RESPONSE_MEMORY_BYTES: String(memory) });
    const work = async (sockets: Socket[]) => {
      for (const socket of sockets) askAndWait(socket, answer.path);
      // All but four do not fit.
      await until('unread answers are given up', () => sockets.filter(isClosed).length >= clients - 4);
      const other = await fetch(router.url + answer.path);
      assert.equal((await other.arrayBuffer()).byteLength, 6 * megabyte);
    };
    await staysLevel(router, clients * 2 * megabyte, () => withSockets(router.url, clients, work));
  });

  for (const [what, path] of [
    ['their answers', answer.path],
    ['a stream', '/stream?chunks=1000&size=65536'],
  ] as const) {
    it(`that do not read ${what} within REQUEST_TIMEOUT_MS lose their connections`, async (t) => {
      const router = await routerFor(t, { ...answer.settings, REQUEST_TIMEOUT_MS: '200' });
      await withSockets(router.url, 1, async ([socket]) => {
        askAndWait(socket as Socket, path);
        await until('the connection is closed', () => isClosed(socket as Socket));
      });
      assert.equal((await fetch(`${router.url}/stream`)).status, 201);
    });
  }
});

describe('streams', { concurrency: 2 }, () => {
  const stream = '/stream?chunks=1000&size=65536';

  for (const [setting, status] of [
    ['CLIENT_STREAM_LIMIT', 429],
    ['STREAM_LIMIT', 503],
  ] as const) {
    it(`beyond ${setting} get ${status}, and begin again when another has ended`, async (t) => {
      const router = await routerFor(t, { [setting]: '1' });
      const leaving = new AbortController();
      assert.equal((await fetch(router.url + stream, { signal: leaving.signal })).status, 201);
      const refused = await fetch(`${router.url}/stream`);
      assert.equal(refused.status, status);
      assert.equal(refused.headers.get('retry-after'), '1');
      assert.equal((await fetch(`${router.url}/echo`)).status, 200);
      const invoked = await fetch(`${router.controlUrl}/2021-11-15/functions/stream/response-streaming-invocations`, {
        method: 'POST',
        body: '{}',
      });
      assert.deepEqual(
        [invoked.status, invoked.headers.get('retry-after')],
        [429, '1'],
        'an Invoke API stream counts, too',
      );
      leaving.abort();
      await until('another stream begins', async () => (await fetch(`${router.url}/stream`)).status === 201);
    });
  }
});
