import assert from 'node:assert/strict';
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
});
