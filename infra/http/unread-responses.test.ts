import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../tests/support/until.ts';
import { UnreadResponses } from './unread-responses.ts';

/** Starts a server that answers `/<megabytes>` piece by piece, without waiting for its reader, as Astro does. */
async function start(t: TestContext, maxBytes: number) {
  const unread = new UnreadResponses(maxBytes, 60_000);
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    unread.watch(response);
    for (let count = Number(request.url?.slice(1)); count > 0; count--) response.write(Buffer.alloc(1_000_000, 0x61));
    response.end();
    responses.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const askWithoutReading = async (megabytes: number) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    t.after(() => socket.destroy());
    const count = responses.length;
    socket.write(`GET /${megabytes} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until('the answer is written', () => responses.length > count);
  };
  return { responses, askWithoutReading, url: `http://127.0.0.1:${port}` };
}

test('the oldest answers that nobody reads give way when their bytes exceed the limit', async (t) => {
  const { responses, askWithoutReading } = await start(t, 50_000_000);
  for (let count = 0; count < 4; count++) await askWithoutReading(20);
  assert.deepEqual(
    responses.map(({ destroyed }) => destroyed),
    [true, true, false, false],
  );
});

test('answers that are read arrive whole, however many follow each other', async (t) => {
  const { url } = await start(t, 10_000_000);
  for (let count = 0; count < 8; count++) {
    const body = await (await fetch(`${url}/5`)).arrayBuffer();
    assert.equal(body.byteLength, 5_000_000);
  }
});
