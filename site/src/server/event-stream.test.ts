import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createEventStreams } from './event-stream.ts';

/** Serves event streams. The path is the client's key. */
async function start(t: TestContext, settings: Parameters<typeof createEventStreams>[1]) {
  const listeners = new Set<(revision: string) => void>();
  const poller = {
    listen(listener: (revision: string) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const streams = createEventStreams(poller, settings);
  const sessions = new Set<() => void>();
  const watch = (onEnd: () => void) => {
    sessions.add(onEnd);
    return () => void sessions.delete(onEnd);
  };
  const server = createServer((request, response) => streams.serve(request, response, request.url ?? '', watch));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const open = async (client: string): Promise<IncomingMessage> => {
    const [response] = await once(get({ port, host: '127.0.0.1', path: client, agent: false }), 'response');
    return response;
  };
  return { open, listeners, sessions, close: streams.close };
}

test('streams are bounded for each client and in all, and make room when they close', async (t) => {
  const { open } = await start(t, { maxEventStreams: 3, maxEventStreamsPerClient: 2 });
  const first = await open('/a');
  assert.equal(first.statusCode, 200);
  assert.equal((await open('/a')).statusCode, 200);
  const refused = await open('/a');
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [429, '10']);
  assert.equal((await open('/b')).statusCode, 200);
  assert.equal((await open('/b')).statusCode, 503);
  first.destroy();
  let again = await open('/a');
  while (again.statusCode !== 200) again = await open('/a');
});

test('clients that have many streams keep no other client out', async (t) => {
  const { open, listeners } = await start(t, { maxEventStreams: 4, maxEventStreamsPerClient: 2 });
  const streams = [await open('/a'), await open('/a'), await open('/b'), await open('/b')];
  const [oldest, newest] = streams;
  assert.equal((await open('/c')).statusCode, 200);
  assert.equal(await text(newest as IncomingMessage), 'retry: 1000\n\n');
  assert.deepEqual([oldest?.complete, listeners.size], [false, 4]);
  assert.equal((await open('/d')).statusCode, 200);
  assert.equal((await open('/e')).statusCode, 503, 'each client has one');
});

test('a reader that reads nothing is cut off instead of filling memory', async (t) => {
  const { open, listeners } = await start(t, { maxEventStreams: 1, maxEventStreamsPerClient: 1 });
  const response = await open('/a');
  const [tell] = listeners;
  const ended = once(response, 'error');
  response.pause();
  const revision = 'x'.repeat(100_000);
  // Each event is far larger than a real one, so that the buffers of the sockets fill up soon.
  while (listeners.size > 0) {
    tell?.(revision);
    await new Promise(setImmediate);
  }
  response.resume();
  await ended;
});

test('all streams end when the site stops, and later ones at once, so that browsers come back', async (t) => {
  const { open, close } = await start(t, { maxEventStreams: 1, maxEventStreamsPerClient: 1 });
  const first = await open('/a');
  close();
  assert.equal(await text(first), 'retry: 1000\n\n');
  const later = await open('/a');
  assert.equal(later.statusCode, 200);
  assert.equal(await text(later), 'retry: 1000\n\n');
});

test('a stream ends with the session that opened it, and says so', async (t) => {
  const { open, listeners, sessions } = await start(t, { maxEventStreams: 2, maxEventStreamsPerClient: 2 });
  const response = await open('/a');
  const other = await open('/a');
  const [end] = sessions;
  end?.();
  assert.equal(await text(response), 'retry: 1000\n\nevent: ended\ndata:\n\n');
  other.destroy();
  while (sessions.size + listeners.size > 0) await new Promise(setImmediate);
});
