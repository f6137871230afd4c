import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setLogLevel } from '../process/log.ts';
import { listen } from './listen.ts';

setLogLevel('SILENT');

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('a server', { concurrency: true }, () => {
  it('that cannot listen says which setting to change', async (t) => {
    const first = createServer();
    await listen(first, 0, '127.0.0.1', 'PORT');
    t.after(() => first.close());
    await assert.rejects(listen(createServer(), portOf(first), '127.0.0.1', 'PORT'), {
      name: 'ConfigurationError',
      message: /another program listens there\): set HOST or PORT/,
    });
    await assert.rejects(listen(createServer(), 0, '192.0.2.1', 'PORT'), { name: 'ConfigurationError' });
  });

  it('goes on when it cannot accept a connection', async (t) => {
    const server = createServer();
    await listen(server, 0, '127.0.0.1', 'PORT');
    t.after(() => server.close());
    for (let i = 0; i < 2; i++) server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    assert.equal(server.listening, true);
  });
});
