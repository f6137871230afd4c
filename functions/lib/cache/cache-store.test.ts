/** The operations of both caches, and what each of them does alone. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { FaultProxy } from '../../../infra/tests/support/proxy.ts';
import { RedisServer, skipWithoutRedis } from '../../../infra/tests/support/redis.ts';
import { until } from '../../../infra/tests/support/until.ts';
import type { WriteScope } from '../database/write-queue.ts';
import type { CacheStore } from './cache-store.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import { abandonedAfterMs, type CacheKey, maxListQueries } from './keys.ts';
import { RedisStore } from './redis/redis-store.ts';

const users = { name: 'users', item: 'user' };
const tags = { name: 'tags', item: 'tag' };
const user = (id: number): CacheKey => ({ resource: users, id });
const list = (query: string): CacheKey => ({ resource: users, query });
const scope = (...ids: number[]): WriteScope[] => [{ resource: users, ids }];
const epoch = 'epoch';
const maxListBytes = 4000;

/** Waits until the store has an instance. */
const connected = (store: CacheStore) =>
  until('the store is connected', async () => {
    await store.ready();
    return store.instance;
  });

/** Declares the tests that both stores must pass. `age` makes a write on users older. */
function behaves(open: () => Promise<CacheStore>, age: (write: string, milliseconds: number) => Promise<void>): void {
  let store: CacheStore;
  before(async () => {
    store = await open();
    await connected(store);
  });
  after(() => store.close());
  beforeEach(async () => {
    await store.claim('c');
    await store.clear('c', [users, tags]);
    await store.open('c', epoch);
  });

  async function fill(key: CacheKey, value: string): Promise<void> {
    assert.equal(await store.lease(key, epoch, 'filler'), '~granted');
    await store.fill(key, epoch, 'filler', value);
    assert.equal(await store.get(key, epoch), value);
  }

  for (const [what, key] of Object.entries({ item: user(1), list: list('sort=id&limit=100') })) {
    it(`grants the lease of ${what} to one reader, who alone may fill it`, async () => {
      assert.equal(await store.get(key, epoch), null);
      assert.equal(await store.lease(key, epoch, 'mine'), '~granted');
      assert.equal(await store.lease(key, epoch, 'another'), '~busy');
      await store.fill(key, epoch, 'another', '{"wrong":true}');
      assert.match((await store.get(key, epoch)) ?? '', /^~lease:mine/);
      await store.fill(key, epoch, 'mine', '{"right":true}');
      assert.equal(await store.get(key, epoch), '{"right":true}');
      assert.equal(await store.lease(key, epoch, 'late'), '{"right":true}');
    });

    it(`refuses a value for ${what} that was read before a write`, async () => {
      await store.lease(key, epoch, 'reader');
      assert.equal(await store.begin(epoch, 'write', scope(1)), true);
      await store.fill(key, epoch, 'reader', '{"old":true}');
      assert.equal(await store.lease(key, epoch, 'other'), '~busy');
      assert.equal(await store.finish(epoch, 'write', scope(1)), true);
      await store.fill(key, epoch, 'reader', '{"old":true}');
      assert.equal(await store.get(key, epoch), null);
      assert.equal(await store.lease(key, epoch, 'next'), '~granted');
    });

    it(`removes the value of ${what} when a write begins`, async () => {
      await fill(key, '{}');
      await store.begin(epoch, 'write', scope(1));
      assert.notEqual(await store.get(key, epoch), '{}');
      await store.finish(epoch, 'write', scope(1));
      assert.equal(await store.get(key, epoch), null);
    });

    it(`grants no lease of ${what} until the last of several writes has finished`, async () => {
      await store.begin(epoch, 'first', scope(1));
      await store.begin(epoch, 'second', scope(1, 2));
      await store.finish(epoch, 'first', scope(1));
      assert.equal(await store.lease(key, epoch, 'reader'), '~busy');
      await store.finish(epoch, 'second', scope(1, 2));
      assert.equal(await store.lease(key, epoch, 'reader'), '~granted');
    });

    it(`takes the lease of ${what} back from its holder only`, async () => {
      await store.lease(key, epoch, 'mine');
      await store.release(key, 'another');
      assert.equal(await store.lease(key, epoch, 'next'), '~busy');
      await store.release(key, 'mine');
      assert.equal(await store.lease(key, epoch, 'next'), '~granted');
    });

    it(`tells a reader of ${what} that a write was abandoned`, async () => {
      await store.begin(epoch, 'dead', scope(1));
      await age('dead', abandonedAfterMs + 1_000);
      assert.equal(await store.lease(key, epoch, 'reader'), '~abandoned');
    });

    it(`refuses lease and value of ${what} in another epoch`, async () => {
      assert.equal(await store.lease(key, 'other', 'reader'), '~lost');
      await store.lease(key, epoch, 'reader');
      await store.fill(key, 'other', 'reader', '{}');
      assert.match((await store.get(key, epoch)) ?? '', /^~lease/);
    });

    it(`leases no value of ${what} from another epoch`, async () => {
      await fill(key, '{"old":true}');
      assert.equal(await store.lease(key, 'other', 'reader'), '~lost');
    });

    it(`leaves ${what} alone when another resource is written`, async () => {
      await fill(key, '{"kept":true}');
      const others: WriteScope[] = [{ resource: tags, ids: [1, 2] }];
      await store.begin(epoch, 'write', others);
      assert.equal(await store.get(key, epoch), '{"kept":true}');
      await store.finish(epoch, 'write', others);
      assert.equal(await store.get(key, epoch), '{"kept":true}');
    });

    it(`grants the lease of ${what} while another resource is written, even by an abandoned write`, async () => {
      await store.begin(epoch, 'write', [{ resource: tags, ids: [1] }]);
      await store.begin(epoch, 'both', [...scope(1), { resource: tags, ids: [2] }]);
      assert.equal(await store.lease(key, epoch, 'reader'), '~busy');
      await store.finish(epoch, 'both', [...scope(1), { resource: tags, ids: [2] }]);
      assert.equal(await store.lease(key, epoch, 'reader'), '~granted');
      assert.equal(await store.lease({ resource: tags, id: 1 }, epoch, 'reader'), '~busy');
      assert.equal(await store.lease({ resource: tags, query: '' }, epoch, 'reader'), '~busy');
    });
  }

  it('leaves other items alone when a write begins', async () => {
    await store.lease(user(2), epoch, 'reader');
    await store.begin(epoch, 'write', scope(1));
    await store.fill(user(2), epoch, 'reader', '{"id":2}');
    assert.equal(await store.get(user(2), epoch), '{"id":2}');
  });

  it('refuses to begin or finish a write in another epoch, and to finish an unknown write', async () => {
    assert.equal(await store.begin('other', 'write', scope(1)), false);
    await store.begin(epoch, 'write', scope(1));
    assert.equal(await store.finish('other', 'write', scope(1)), false);
    assert.equal(await store.finish(epoch, 'unknown', scope(1)), false);
  });

  it('lets only the latest claim clear and open the cache, and clears every resource', async () => {
    await fill(user(1), '{}');
    await fill({ resource: tags, id: 7 }, '{}');
    await fill({ resource: tags, query: 'q' }, '{}');
    await store.begin(epoch, 'write', scope(2));
    await store.claim('first');
    assert.equal(await store.begin(epoch, 'write', scope(1)), false);
    assert.equal(await store.lease(user(3), epoch, 'reader'), '~lost');
    await store.claim('second');
    assert.equal(await store.clear('first', [users, tags]), false);
    assert.equal(await store.open('first', 'new'), false);
    assert.equal(await store.clear('second', [users, tags]), true);
    assert.equal(await store.open('second', 'new'), true);
    for (const key of [user(1), user(2), { resource: tags, id: 7 }, { resource: tags, query: 'q' }]) {
      assert.equal(await store.get(key, 'new'), null);
    }
    assert.equal(await store.lease(list('q'), 'new', 'reader'), '~granted');
  });

  it('keeps a bounded number of queries in a list', async () => {
    for (let index = 0; index <= maxListQueries; index++) {
      assert.equal(await store.lease(list(`q=${index}`), epoch, `t${index}`), '~granted');
      await store.fill(list(`q=${index}`), epoch, `t${index}`, '{}');
    }
    assert.equal(await store.get(list('q=0'), epoch), null);
    assert.equal(await store.get(list(`q=${maxListQueries}`), epoch), '{}');
  });

  it('empties a list that has too many bytes, and stores no value that is too large alone', async () => {
    const page = 'x'.repeat(maxListBytes / 4);
    for (const query of ['a', 'b', 'c']) await fill(list(query), page);
    assert.equal(await store.get(list('a'), epoch), page);
    await fill(list('d'), page);
    assert.deepEqual([await store.get(list('a'), epoch), await store.get(list('c'), epoch)], [null, null]);
    assert.equal(await store.lease(list('large'), epoch, 'reader'), '~granted');
    await store.fill(list('large'), epoch, 'reader', 'x'.repeat(maxListBytes + 1));
    assert.equal(await store.lease(list('large'), epoch, 'next'), '~granted');
    assert.equal(await store.get(list('d'), epoch), page);
  });
}

/** Gives Redis time on a busy machine. */
const openRedisStore = ({ address }: Pick<RedisServer, 'address'>) =>
  new RedisStore({ address, maxListBytes, commandTimeoutMs: 60_000 });

describe('the cache in Redis', { skip: skipWithoutRedis() }, () => {
  let redis: RedisServer;
  after(() => redis.stop());
  behaves(
    async () => {
      redis = await RedisServer.start();
      return openRedisStore(redis);
    },
    async (write, milliseconds) => {
      await redis.command('ZADD', 'users_writes', String(Date.now() - milliseconds), write);
    },
  );

  it('joins the reads of one turn, and reads again for a request of the next turn', async () => {
    const store = openRedisStore(redis);
    await connected(store);
    await redis.command('MSET', 'user_1', '{"one":1}', 'user_2', '{"two":2}', 'tag_1', '{"tag":1}');
    await redis.command('HSET', 'users_list', 'first', '{"first":1}');
    await redis.command('HSET', 'tags_list', 'first', '{"tags":1}');
    const countReads = async () => {
      const stats = await redis.command('INFO', 'commandstats');
      return ['mget', 'hmget'].map((name) => Number(new RegExp(`_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0));
    };
    await redis.command('SET', 'cache_epoch', epoch);
    const earlier = await countReads();
    const keys = [user(1), user(2), user(1), user(3), { resource: tags, id: 1 }];
    const queries = [list('first'), list('other'), { resource: tags, query: 'first' }];
    const together = [...keys, ...queries].map((key) => store.get(key, epoch));
    await new Promise((resolve) => process.nextTick(resolve));
    const values = await Promise.all([...together, store.get(user(1), epoch)]);
    store.close();
    const items = ['{"one":1}', '{"two":2}', '{"one":1}', null, '{"tag":1}'];
    assert.deepEqual(values, [...items, '{"first":1}', null, '{"tags":1}', '{"one":1}']);
    assert.deepEqual(
      (await countReads()).map((count, index) => count - (earlier[index] as number)),
      // The epoch comes with the items of each turn.
      [2, 2],
    );
  });

  it('can be written, emptied and opened when its memory is full, and refuses only leases', async (test) => {
    const full = await RedisServer.start();
    test.after(() => full.stop());
    const store = openRedisStore(full);
    test.after(() => store.close());
    await connected(store);
    await store.claim('c');
    await store.open('c', epoch);
    await store.lease(user(1), epoch, 'reader');
    await store.fill(user(1), epoch, 'reader', '{"one":1}');
    await full.command('SET', 'user_9', 'x'.repeat(1024 * 1024));
    await full.command('CONFIG', 'SET', 'maxmemory', '1mb');
    for (const key of [user(2), list('q')]) assert.equal(await store.lease(key, epoch, 'reader'), '~full');
    assert.equal(await store.get(user(1), epoch), '{"one":1}');
    assert.equal(await store.begin(epoch, 'write', scope(1, 2)), true);
    assert.equal(await store.get(user(2), epoch), '~write:write');
    assert.equal(await store.finish(epoch, 'write', scope(1, 2)), true);
    await store.claim('next');
    assert.equal(await store.clear('next', [users]), true);
    assert.equal(await store.open('next', 'new'), true);
    assert.equal(await full.command('EXISTS', 'user_9'), ':0\r\n');
  });

  it('rejects every read that shares a command that fails', async () => {
    const store = openRedisStore(redis);
    await connected(store);
    const reads = [store.get(user(1), epoch), store.get(user(2), epoch), store.get(list('first'), epoch)];
    store.close();
    for (const { status } of await Promise.allSettled(reads)) assert.equal(status, 'rejected');
  });

  it('never sends a command again over the next connection', async (test) => {
    const proxy = await FaultProxy.start(redis.port);
    const store = openRedisStore({ address: { ...redis.address, servers: [{ host: '127.0.0.1', port: proxy.port }] } });
    test.after(() => proxy.stop());
    test.after(() => store.close());
    await connected(store);
    const held = proxy.holdNext('requests');
    const begun = assert.rejects(store.begin(epoch, 'cut off', scope(1)));
    await held.caught;
    proxy.cut();
    held.release();
    await begun;
    await until('the store is connected again', () => store.instance);
    // Redis runs the commands of a connection in order: a repeated command would have run before this read.
    await store.get(user(1), epoch);
    assert.equal(await redis.command('ZSCORE', 'users_writes', 'cut off'), '$-1\r\n');
  });
});

describe('the embedded cache', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-cache-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'app.db-cache');
  behaves(
    async () => new EmbeddedStore(file, maxListBytes),
    async (write, milliseconds) => {
      const raw = new BetterSqlite3(file);
      raw.prepare('UPDATE writes_in_progress SET began = ? WHERE id = ?').run(Date.now() - milliseconds, write);
      raw.close();
    },
  );
});
