import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { answerInOrder } from './in-order.ts';

/** Starts a server that answers when the test says so. */
async function listening(t: TestContext, maxWaiting: number) {
  const begun: { url: string; response: ServerResponse }[] = [];
  const server = createServer(
    answerInOrder(({ url = '' }, response) => {
      begun.push({ url, response });
      server.emit('begun');
    }, maxWaiting),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  return { begun, server, socket };
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;

test('a pipelined request begins when the response before it has ended', async (t) => {
  const { begun, server, socket } = await listening(t, 16);
  const received = text(socket);
  socket.write(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
  for (const [index, path] of ['/1', '/2', '/3'].entries()) {
    if (begun.length === index) await once(server, 'begun');
    // The server has read all requests in one packet, and this one alone has begun.
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      begun.map(({ url }) => url),
      ['/1', '/2', '/3'].slice(0, index + 1),
    );
    begun[index]?.response.end(`answer to ${path}`);
  }
  assert.deepEqual((await received).match(/answer to \/./g), ['answer to /1', 'answer to /2', 'answer to /3']);
});

test('a connection on which more requests wait than the limit is closed, and none of them begins', async (t) => {
  const { begun, server, socket } = await listening(t, 2);
  socket.write(get('/1') + get('/2') + get('/3'));
  await once(server, 'begun');
  socket.write(get('/4') + get('/5'));
  await once(socket, 'close');
  assert.deepEqual(
    begun.map(({ url }) => url),
    ['/1'],
  );
});

test('a request whose connection closed before its turn never begins', async (t) => {
  const { begun, server, socket } = await listening(t, 2);
  socket.write(get('/1') + get('/2'));
  await once(server, 'begun');
  const [first] = begun;
  assert.ok(first);
  const closed = once(first.response, 'close');
  socket.destroy();
  await closed;
  first.response.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(begun.length, 1);
});
