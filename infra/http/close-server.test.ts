import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { closeServer } from './close-server.ts';

const listening = (server: Server) => once(server.listen(0, '127.0.0.1'), 'listening');
const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('a server that is closed', { concurrency: true }, () => {
  it('answers the connections that it has not accepted yet', async () => {
    const server = createServer((_request, response) => response.end());
    await listening(server);
    const port = portOf(server);
    const answers = Array.from({ length: 20 }, () => once(get({ port, host: '127.0.0.1', agent: false }), 'response'));
    // Node.js has told Linux to connect by now, and has had no turn in which to accept.
    await new Promise((resolve) => process.nextTick(resolve));
    await closeServer(server);
    for (const [response] of await Promise.all(answers)) assert.equal(response.resume().statusCode, 200);
  });

  it('closes kept connections after their response', async () => {
    const asked = Promise.withResolvers<() => void>();
    const server = createServer((_request, response) => {
      response.writeHead(200).write('begun');
      asked.resolve(() => response.end());
    });
    await listening(server);
    const agent = new Agent({ keepAlive: true });
    const answered = once(get({ port: portOf(server), agent }), 'response') as Promise<[IncomingMessage]>;
    const finish = await asked.promise;
    const closed = closeServer(server);
    (await answered)[0].resume();
    finish();
    await closed;
  });

  it('breaks off requests that take longer than the limit', async () => {
    const asked = Promise.withResolvers<void>();
    const server = createServer(() => asked.resolve());
    await listening(server);
    const broken = once(get({ port: portOf(server) }), 'error');
    await asked.promise;
    await closeServer(server, 50);
    await broken;
  });

  it('closes when it never listened', async () => {
    await closeServer(createServer());
  });
});
