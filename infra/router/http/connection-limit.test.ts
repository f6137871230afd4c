import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { limitConnections } from './connection-limit.ts';

/** Starts a server with limits. @returns a function that connects, from one of the loopback addresses */
async function listening(t: TestContext, connectionLimit: number, clientConnectionLimit: number) {
  const server = createServer((_request, response) => response.end('ok'));
  limitConnections(server, { connectionLimit, clientConnectionLimit });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return (localAddress = '127.0.0.1'): Socket => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    return socket;
  };
}

/** @returns whether the server answers on this connection, and does not close it */
async function isServed(socket: Socket): Promise<boolean> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [data] = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  return Buffer.isBuffer(data);
}

test('one client can hold its share of the connections, and others get theirs', async (t) => {
  const open = await listening(t, 100, 2);
  const [first, second] = [open(), open()];
  assert.deepEqual([await isServed(first), await isServed(second), await isServed(open())], [true, true, false]);
  // Linux has the whole network 127.0.0.0/8; elsewhere there is only one loopback address.
  if (process.platform === 'linux') assert.equal(await isServed(open('127.0.0.2')), true);
  first.destroy();
  await once(first, 'close');
  while (!(await isServed(open())));
});

test('connections above the limit of all are closed', async (t) => {
  const open = await listening(t, 2, 100);
  assert.deepEqual([await isServed(open()), await isServed(open()), await isServed(open())], [true, true, false]);
});
