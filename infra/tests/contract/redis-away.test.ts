import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '../support/until.ts';
import { type Answer, withRedis } from './api.ts';

/**
 * Milliseconds for a request while Redis is away. 300 more than usual are promised, and the fault run reports how many
 * took longer; what is shown here is that none waits for Redis, on a machine however busy.
 */
const patience = 3000;

withRedis('while Redis is away', (api) => {
  /** What a person does, each request in time. @returns the X-Cache of the reads */
  async function everything(): Promise<(string | null)[]> {
    const timed = async (request: Promise<Answer>, status: number) => {
      const start = performance.now();
      const answer = await request;
      const took = performance.now() - start;
      assert.equal(answer.status, status, answer.text);
      assert.ok(took < patience, `${took.toFixed(0)} ms`);
      return answer;
    };
    const created = await timed(api.post({ name: 'Ada', email: `away.${performance.now()}@example.com` }), 201);
    const path = `/users/${created.body.id}`;
    const reads = [await timed(api.get(path), 200)];
    assert.equal((await timed(api.patch(created.body.id, { name: 'Ada King' }), 200)).body.version, 2);
    reads.push(await timed(api.get(path), 200), await timed(api.get('/users'), 200));
    assert.equal(reads[1]?.body.name, 'Ada King');
    assert.ok(reads[2]?.body.users.some(({ id }: { id: number }) => id === created.body.id));
    await timed(api.delete(created.body.id), 204);
    reads.push(await timed(api.get(path), 404));
    return reads.map(({ headers }) => headers.get('x-cache'));
  }

  /** A user is read until it comes from the cache. */
  async function cacheIsBack(): Promise<void> {
    const user = await api.createUser();
    await until('the cache is used again', async () => {
      const { body, headers } = await api.get(`/users/${user.id}`);
      assert.deepEqual(body, user);
      return headers.get('x-cache') === 'hit';
    });
  }

  it('answers from the database when Redis hangs, and uses it again when it answers', async () => {
    await cacheIsBack();
    api.redis.pause();
    assert.deepEqual(await everything(), ['bypass', 'bypass', 'bypass', 'bypass']);
    assert.equal((await api.get('/health')).body.cache, 'bypass');
    api.redis.resume();
    await cacheIsBack();
  });

  it('answers from the database when Redis is gone, and uses the one that comes after it', async () => {
    await api.redis.kill();
    assert.deepEqual(await everything(), ['bypass', 'bypass', 'bypass', 'bypass']);
    await api.redis.start();
    await cacheIsBack();
  });

  it('serves nothing old from a Redis that comes back with an old snapshot', async () => {
    const user = await api.createUser();
    await api.get(`/users/${user.id}`);
    await api.redis.keepSnapshot();
    await api.redis.kill();
    await api.patch(user.id, { name: 'Ada King' });
    await api.redis.start(true);
    for (let reads = 0; reads < 50; reads++) {
      assert.equal((await api.get(`/users/${user.id}`)).body.name, 'Ada King');
    }
    await cacheIsBack();
  });

  it('serves nothing old after FLUSHALL', async () => {
    const user = await api.createUser();
    await api.get(`/users/${user.id}`);
    await api.redis.command('FLUSHALL');
    await api.patch(user.id, { name: 'Ada King' });
    assert.equal((await api.get(`/users/${user.id}`)).body.name, 'Ada King');
    await cacheIsBack();
  });

  it('keeps the two keys that others know: users_list and user_<id>', async () => {
    const user = await api.createUser();
    await api.get(`/users/${user.id}`);
    await api.get('/users');
    assert.match(await api.redis.command('GET', `user_${user.id}`), /"name":"Ada Lovelace"/);
    assert.match(await api.redis.command('TYPE', 'users_list'), /hash/);
    const times = await Promise.all([`user_${user.id}`, 'users_list'].map((key) => api.redis.command('PTTL', key)));
    const [userTime = 0, listTime = 0] = times.map((reply) => Number(reply.slice(1)));
    assert.ok(userTime > 290_000 && userTime <= 300_000, String(userTime));
    assert.ok(listTime > 50_000 && listTime <= 60_000, String(listTime));
  });
});
