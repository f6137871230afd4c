import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { FaultProxy } from './proxy.ts';
import { until } from './until.ts';

describe('FaultProxy', () => {
  /** The chunks that the server got. It answers each chunk with the same text in upper case. */
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received.push(String(chunk));
      socket.write(String(chunk).toUpperCase());
    });
  });
  let proxy: FaultProxy;

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await FaultProxy.start((server.address() as AddressInfo).port);
  });

  after(async () => {
    await proxy.stop();
    server.close();
  });

  async function open(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** Resolves when the socket is closed, also by an error. */
  function closed(socket: Socket): Promise<void> {
    return new Promise((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
  }

  async function ask(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [reply] = await once(socket, 'data');
    return String(reply);
  }

  it('passes both directions', async () => {
    const socket = await open();
    assert.equal(await ask(socket, 'one'), 'ONE');
    socket.destroy();
  });

  it('holds one reply, what follows it, and nothing of other connections', async () => {
    const [held, free] = [await open(), await open()];
    const { release, caught } = proxy.holdNext('replies', (chunk) => chunk.includes('SLOW'));
    const reply = ask(held, 'slow');
    await caught;
    held.write('next');
    assert.equal(await ask(free, 'slow'), 'SLOW');
    release();
    const first = await reply;
    assert.ok(first.startsWith('SLOW'));
    const second = first === 'SLOW' ? String((await once(held, 'data'))[0]) : first.slice(4);
    assert.equal(second, 'NEXT');
    held.destroy();
    free.destroy();
  });

  it('holds all requests until they are let go', async () => {
    const socket = await open();
    const before = proxy.heldChunks;
    const release = proxy.holdAll('requests');
    const reply = ask(socket, 'held request');
    const other = await open();
    const otherReply = ask(other, 'held too');
    await until('both are held', () => proxy.heldChunks === before + 2);
    assert.equal(received.includes('held request'), false);
    release();
    assert.deepEqual(await Promise.all([reply, otherReply]), ['HELD REQUEST', 'HELD TOO']);
    socket.destroy();
    other.destroy();
  });

  it('cuts the client off and delivers what it had sent later', async () => {
    const socket = await open();
    const { release, caught } = proxy.holdNext('requests');
    socket.write('late');
    await caught;
    proxy.cutClients();
    await closed(socket);
    assert.equal(received.includes('late'), false);
    release();
    await until('it is delivered', () => received.includes('late'));
  });

  it('cuts every connection, and lets nobody in while it refuses', async () => {
    const socket = await open();
    proxy.cut();
    await closed(socket);
    proxy.refuse(true);
    await closed(connect(proxy.port, '127.0.0.1'));
    proxy.refuse(false);
    const welcome = await open();
    assert.equal(await ask(welcome, 'back'), 'BACK');
    welcome.destroy();
  });
});
