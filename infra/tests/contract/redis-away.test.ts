/** The API's answers while Redis hangs, is gone, comes back empty, or comes back with old data. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '../support/until.ts';
import { type ApiResponse, withRedis } from './api.ts';

/** How long a read may spend on the cache while Redis is away: half of the time-out of a command. */
const maxCacheMs = 65;

withRedis('while Redis is away', (api) => {
  /** Creates, reads, changes, lists and deletes a user, and checks each answer. @returns the X-Cache of the reads */
  async function useEveryRoute(): Promise<(string | null)[]> {
    const expect = async (request: Promise<ApiResponse>, status: number) => {
      const answer = await request;
      assert.equal(answer.status, status, answer.text);
      return answer;
    };
    const created = await expect(api.post({ name: 'Ada', email: `away.${performance.now()}@example.com` }), 201);
    const path = `/users/${created.body.id}`;
    const reads = [await expect(api.get(path), 200)];
    assert.equal((await expect(api.patch(created.body.id, { name: 'Ada King' }), 200)).body.version, 2);
    reads.push(await expect(api.get(path), 200), await expect(api.get('/users'), 200));
    assert.equal(reads[1]?.body.name, 'Ada King');
    assert.ok(reads[2]?.body.users.some(({ id }: { id: number }) => id === created.body.id));
    await expect(api.delete(created.body.id), 204);
    reads.push(await expect(api.get(path), 404));
    return reads.map(({ headers }) => headers.get('x-cache'));
  }

  /**
   * Asserts that reads do not wait for Redis. The first one may wait until its command times out; from then on the
   * function must leave Redis alone. The median says so on a machine of any speed. Call this before the first write:
   * a write that cannot reach Redis stops all use of the cache anyway.
   */
  async function readsDoNotWait(): Promise<void> {
    const waits: number[] = [];
    for (let reads = 0; reads < 21; reads++) {
      const timing = (await api.get('/users?limit=1')).headers.get('server-timing') ?? '';
      waits.push(Number(/^cache;dur=([\d.]+)/.exec(timing)?.[1]));
    }
    const median = waits.sort((one, other) => one - other)[10] ?? Number.NaN;
    assert.ok(median < maxCacheMs, `the cache took ${waits.join(', ')} ms`);
  }

  async function cacheIsUsedAgain(): Promise<void> {
    const user = await api.createUser();
    assert.deepEqual((await api.getHit(`/users/${user.id}`)).body, user);
  }

  it('answers from the database when Redis hangs, and uses Redis again when it answers', async () => {
    await cacheIsUsedAgain();
    api.redis.pause();
    await readsDoNotWait();
    assert.deepEqual(await useEveryRoute(), ['bypass', 'bypass', 'bypass', 'bypass']);
    assert.equal((await api.get('/health')).body.cache, 'bypass');
    api.redis.resume();
    await cacheIsUsedAgain();
  });

  it('answers from the database when Redis is gone, and uses the Redis that replaces it', async () => {
    await api.redis.kill();
    await readsDoNotWait();
    assert.deepEqual(await useEveryRoute(), ['bypass', 'bypass', 'bypass', 'bypass']);
    await api.redis.start();
    await cacheIsUsedAgain();
  });

  it('serves nothing stale from a Redis that comes back with an old snapshot', async () => {
    const user = await api.createUser();
    await api.getHit(`/users/${user.id}`);
    await api.redis.keepSnapshot();
    await api.redis.kill();
    await api.patch(user.id, { name: 'Ada King' });
    await api.redis.start(true);
    for (let reads = 0; reads < 50; reads++) {
      assert.equal((await api.get(`/users/${user.id}`)).body.name, 'Ada King');
    }
    await cacheIsUsedAgain();
  });

  it('serves nothing stale after FLUSHALL', async () => {
    const user = await api.createUser();
    await api.getHit(`/users/${user.id}`);
    await api.redis.command('FLUSHALL');
    await api.patch(user.id, { name: 'Ada King' });
    assert.equal((await api.get(`/users/${user.id}`)).body.name, 'Ada King');
    await cacheIsUsedAgain();
  });

  it('says that the memory of Redis is full, works without it, and empties it', async () => {
    await cacheIsUsedAgain();
    await api.redis.command('SET', 'user_999999', 'x'.repeat(1024 * 1024));
    await api.redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await until('the health says that the cache is full', async () => (await api.get('/health')).body.cache === 'full');
    const user = await api.createUser();
    assert.equal((await api.get(`/users/${user.id}`)).headers.get('x-cache'), 'bypass');
    await api.redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await until('the large value is gone', async () => (await api.redis.command('EXISTS', 'user_999999')) === ':0\r\n');
    await cacheIsUsedAgain();
    assert.equal((await api.get('/health')).body.cache, 'ok');
  });

  it('keeps a user for 300 s under user_<id>, and the pages of the list for 60 s under users_list', async () => {
    const begun = performance.now();
    const user = await api.createUser();
    await api.getHit(`/users/${user.id}`);
    await api.getHit('/users');
    assert.match(await api.redis.command('GET', `user_${user.id}`), /"name":"Ada Lovelace"/);
    assert.match(await api.redis.command('TYPE', 'users_list'), /hash/);
    for (const [key, lifetimeMs] of Object.entries({ [`user_${user.id}`]: 300_000, users_list: 60_000 })) {
      const leftMs = Number((await api.redis.command('PTTL', key)).slice(1));
      const leastMs = lifetimeMs - (performance.now() - begun) - 1;
      assert.ok(leftMs >= leastMs && leftMs <= lifetimeMs, `${key} has ${leftMs} ms left, not ${leastMs} or more`);
    }
  });
});
