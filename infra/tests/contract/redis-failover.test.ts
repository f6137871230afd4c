/** Redis as a Sentinel group and as a cluster: hits, and nothing old while a master dies and another server takes over. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { skipWithoutRedis } from '../support/redis.ts';
import { RedisCluster, SentinelGroup } from '../support/redis-groups.ts';
import { until } from '../support/until.ts';
import { Api } from './api.ts';

describe('Redis beyond one server', { skip: skipWithoutRedis(), concurrency: true }, () => {
  async function startApi(test: TestContext, url: string): Promise<Api> {
    const api = new Api({ redis: url });
    await api.start();
    test.after(() => api.stop());
    return api;
  }

  /** Changes a user again and again, and asserts that each later read has the change, until reads are hits again. */
  async function neverStale(api: Api, id: number): Promise<void> {
    let version = 0;
    const hitAfter = async (since: number) => {
      const name = `Ada ${version++}`;
      assert.equal((await api.patch(id, { name })).status, 200);
      const reads = [await api.get(`/users/${id}`), await api.get(`/users/${id}`)];
      for (const { body } of reads) assert.equal(body.name, name);
      return version > since && reads.every(({ headers }) => headers.get('x-cache') !== 'bypass') && reads[1];
    };
    const last = await until('a read through the cache', () => hitAfter(20));
    assert.equal(last.headers.get('x-cache'), 'hit');
  }

  const health = async (api: Api) => {
    const { cacheEngine, cache } = (await api.get('/health')).body;
    return [cacheEngine, cache];
  };

  it('follows Sentinels to the next master when the master dies', async (test) => {
    const group = await SentinelGroup.start();
    test.after(() => group.stop());
    const api = await startApi(test, group.url);
    const { id } = await api.createUser();
    await api.getHit(`/users/${id}`);
    assert.deepEqual(await health(api), ['redis-sentinel', 'ok']);
    const [master, replica] = group.servers;
    await master.kill();
    const changed = neverStale(api, id);
    await until('the replica is promoted', async () =>
      /role:master/.test(await replica.command('INFO', 'replication')),
    );
    await changed;
    await neverStale(api, id);
    await api.getHit(`/users/${id}`);
    assert.match(await replica.command('GET', `user_${id}`), /Ada/);
    await master.start();
    await until('the old master is a replica', async () =>
      /role:slave/.test(await master.command('INFO', 'replication')),
    );
    await neverStale(api, id);
    assert.deepEqual(await health(api), ['redis-sentinel', 'ok']);
  });

  it('keeps all keys on one node of a cluster, and follows their slot to another', async (test) => {
    const cluster = await RedisCluster.start('{cadastro}');
    test.after(() => cluster.stop());
    const api = await startApi(test, cluster.url);
    const { id } = await api.createUser();
    await api.getHit(`/users/${id}`);
    await api.getHit('/users');
    assert.deepEqual(await health(api), ['redis-cluster', 'ok']);
    const [master, second] = cluster.masters as [(typeof cluster.masters)[0], (typeof cluster.masters)[0]];
    assert.match(await master.command('GET', `{cadastro}user_${id}`), /Ada/);
    assert.equal(await second.command('DBSIZE'), ':0\r\n');

    await master.kill();
    const changed = neverStale(api, id);
    await until('the replica is promoted', async () =>
      /role:master/.test(await cluster.replica.command('INFO', 'replication')),
    );
    await changed;
    assert.match(await cluster.replica.command('GET', '{cadastro}cache_epoch'), /[0-9a-f]{32}/);

    const slot = (await second.command('CLUSTER', 'KEYSLOT', '{cadastro}')).trim().slice(1);
    const idOf = async (node: typeof second) =>
      /[0-9a-f]{40}/.exec(await node.command('CLUSTER', 'MYID'))?.[0] as string;
    const target = await idOf(second);
    await cluster.replica.command('FLUSHALL');
    // A node that imports a slot takes it with a new epoch. Otherwise the older claim of the replica, still under way, may win again.
    await second.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(cluster.replica));
    for (const node of [second, cluster.replica]) {
      await until('the slot moves', async () => {
        await cluster.replica.command('FLUSHALL');
        return /OK/.test(await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', target));
      });
    }
    await neverStale(api, id);
    await api.getHit(`/users/${id}`);
    assert.match(await second.command('GET', `{cadastro}user_${id}`), /Ada/);
  });

  it('says in the log why no Sentinel and no node names a master, once', async (test) => {
    for (const url of ['redis-sentinel://127.0.0.1:1,127.0.0.1:2/main', 'redis-cluster://127.0.0.1:1']) {
      const api = await startApi(test, url);
      const line = await api.router.logged(({ message }) => String(message).startsWith('Redis is not reachable'));
      assert.match(String(line.reason), /no server names the master \(127\.0\.0\.1:1: .*ECONNREFUSED/);
      const { cache, cacheReason } = (await api.get('/health')).body;
      assert.deepEqual([cache, cacheReason], ['bypass', 'unreachable']);
    }
  });
});
