import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { test } from 'node:test';
import { limitConnections } from './connection-limit.ts';

const proxy = '192.0.2.9';

/** A connection as the limit sees it. */
class FakeSocket extends EventEmitter {
  destroyed = false;
  remoteAddress: string;
  /** The response under way, as node:http keeps it. */
  _httpMessage: object | null = null;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    // A socket closes after its handle, never at once.
    setImmediate(() => this.emit('close'));
  }
}

function start(maxConnections: number, maxConnectionsPerClient: number) {
  const server = new EventEmitter();
  const limits = { maxConnections, maxConnectionsPerClient };
  limitConnections(server as Server, limits, (address) => address === proxy);
  return (address: string, isBusy = false) => {
    const socket = new FakeSocket(address);
    server.emit('connection', socket);
    if (isBusy) socket._httpMessage = {};
    return socket;
  };
}

test('a client gets its share of connections, and a new one when it closes one', () => {
  const connect = start(10, 2);
  const first = connect('::ffff:192.0.2.1');
  assert.equal(connect('192.0.2.1').destroyed, false);
  assert.equal(connect('192.0.2.1').destroyed, true);
  assert.equal(connect('192.0.2.2').destroyed, false);
  first.emit('close');
  assert.equal(connect('192.0.2.1').destroyed, false);
});

test('all addresses of one IPv6 network are one client', () => {
  const connect = start(10, 2);
  const sockets = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'].map((address) => connect(address));
  assert.deepEqual(
    sockets.map(({ destroyed }) => destroyed),
    [false, false, true, false],
  );
});

test('a trusted proxy has no share of its own', () => {
  const connect = start(10, 2);
  const sockets = Array.from({ length: 5 }, () => connect(proxy));
  assert.ok(sockets.every(({ destroyed }) => !destroyed));
});

test('at the limit, the oldest connection without a response under way gives way at once', () => {
  const connect = start(3, 3);
  const [busy, oldest, newer] = [connect('192.0.2.1', true), connect('192.0.2.1'), connect('192.0.2.2')];
  assert.equal(connect('192.0.2.3').destroyed, false);
  assert.deepEqual([busy.destroyed, oldest.destroyed, newer.destroyed], [false, true, false]);
  assert.equal(connect('192.0.2.4').destroyed, false);
  assert.ok(newer.destroyed);
});

test('at the limit, a new connection is closed if all others have a response under way', () => {
  const connect = start(2, 2);
  const busy = [connect('192.0.2.1', true), connect('192.0.2.2', true)];
  assert.equal(connect('192.0.2.3').destroyed, true);
  assert.ok(busy.every(({ destroyed }) => !destroyed));
});
