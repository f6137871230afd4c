import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { RedisServer, skipWithoutRedis } from './redis.ts';

describe('RedisServer', { skip: skipWithoutRedis() }, () => {
  let redis: RedisServer;
  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.stop());

  it('comes back empty', async () => {
    await redis.command('SET', 'color', 'red');
    await redis.kill();
    await redis.start();
    assert.equal(await redis.command('GET', 'color'), '$-1\r\n');
  });

  it('comes back with what it held when the snapshot was kept', async () => {
    await redis.command('SET', 'color', 'old');
    await redis.keepSnapshot();
    await redis.command('SET', 'color', 'new');
    await redis.kill();
    await redis.start(true);
    assert.equal(await redis.command('GET', 'color'), '$3\r\nold\r\n');
  });

  it('answers after a pause', async () => {
    redis.pause();
    const reply = redis.command('PING');
    redis.resume();
    assert.equal(await reply, '+PONG\r\n');
  });

  it('sends a command again when the server closes or resets the connection', async () => {
    await redis.kill();
    const endings = ['destroy', 'resetAndDestroy'] as const;
    let count = 0;
    const server = createServer((socket) => {
      const ending = endings[count++];
      socket.once('data', () => (ending ? socket[ending]() : socket.end('+PONG\r\n')));
    });
    await once(server.listen(redis.port, '127.0.0.1'), 'listening');
    assert.equal(await redis.command('PING'), '+PONG\r\n');
    assert.equal(count, 3);
    server.close();
    await redis.start();
  });
});
