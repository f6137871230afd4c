import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { hasRedis, RedisServer } from '../../../infra/tests/support/redis.ts';
import { until } from '../../../infra/tests/support/until.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import { abandonedAfter, maxPages, type Place } from './places.ts';
import { RedisStore } from './redis/redis-store.ts';
import type { CacheStore } from './store.ts';

const user: Place = { id: 1 };
const page: Place = { page: 'sort=id&limit=100' };
const epoch = 'epoch';

/** What both stores must do. */
function behaves(open: () => Promise<CacheStore>, age: (write: string, milliseconds: number) => Promise<void>): void {
  let store: CacheStore;
  before(async () => {
    store = await open();
    await until('the store is connected', async () => {
      await store.ready();
      return store.instance;
    });
  });
  after(() => store.close());
  beforeEach(async () => {
    await store.claim('c');
    await store.clear('c');
    await store.open('c', epoch);
  });

  for (const [what, place] of Object.entries({ user, page })) {
    it(`gives the lease of a ${what} to one reader, who alone may fill it`, async () => {
      assert.equal(await store.get(place), null);
      assert.equal(await store.lease(place, epoch, 'mine'), '~granted');
      assert.equal(await store.lease(place, epoch, 'another'), '~busy');
      await store.fill(place, epoch, 'another', '{"wrong":true}');
      assert.match((await store.get(place)) ?? '', /^~lease:mine/);
      await store.fill(place, epoch, 'mine', '{"right":true}');
      assert.equal(await store.get(place), '{"right":true}');
      assert.equal(await store.lease(place, epoch, 'late'), '{"right":true}');
    });

    it(`does not let a ${what} be filled that was read before a write`, async () => {
      await store.lease(place, epoch, 'reader');
      assert.equal(await store.begin(epoch, 'write', [1]), true);
      await store.fill(place, epoch, 'reader', '{"old":true}');
      assert.equal(await store.lease(place, epoch, 'other'), '~busy');
      assert.equal(await store.finish(epoch, 'write', [1]), true);
      await store.fill(place, epoch, 'reader', '{"old":true}');
      assert.equal(await store.get(place), null);
      assert.equal(await store.lease(place, epoch, 'next'), '~granted');
    });

    it(`forgets a ${what} when a write begins`, async () => {
      await store.lease(place, epoch, 'reader');
      await store.fill(place, epoch, 'reader', '{}');
      await store.begin(epoch, 'write', [1]);
      assert.notEqual(await store.get(place), '{}');
      await store.finish(epoch, 'write', [1]);
      assert.equal(await store.get(place), null);
    });

    it(`keeps a ${what} shut until the last of several writes has finished`, async () => {
      await store.begin(epoch, 'first', [1]);
      await store.begin(epoch, 'second', [1, 2]);
      await store.finish(epoch, 'first', [1]);
      assert.equal(await store.lease(place, epoch, 'reader'), '~busy');
      await store.finish(epoch, 'second', [1, 2]);
      assert.equal(await store.lease(place, epoch, 'reader'), '~granted');
    });

    it(`takes back the lease of a ${what} from its holder alone`, async () => {
      await store.lease(place, epoch, 'mine');
      await store.release(place, 'another');
      assert.equal(await store.lease(place, epoch, 'next'), '~busy');
      await store.release(place, 'mine');
      assert.equal(await store.lease(place, epoch, 'next'), '~granted');
    });

    it(`tells that a write on a ${what} was abandoned`, async () => {
      await store.begin(epoch, 'dead', [1]);
      await age('dead', abandonedAfter + 1_000);
      assert.equal(await store.lease(place, epoch, 'reader'), '~abandoned');
    });

    it(`refuses everything on a ${what} under another epoch`, async () => {
      assert.equal(await store.lease(place, 'other', 'reader'), '~lost');
      await store.lease(place, epoch, 'reader');
      await store.fill(place, 'other', 'reader', '{}');
      assert.match((await store.get(place)) ?? '', /^~lease/);
    });
  }

  it('leaves other users alone when a write begins', async () => {
    await store.lease({ id: 2 }, epoch, 'reader');
    await store.begin(epoch, 'write', [1]);
    await store.fill({ id: 2 }, epoch, 'reader', '{"id":2}');
    assert.equal(await store.get({ id: 2 }), '{"id":2}');
  });

  it('refuses to begin or finish under another epoch, and to finish what it does not know', async () => {
    assert.equal(await store.begin('other', 'write', [1]), false);
    await store.begin(epoch, 'write', [1]);
    assert.equal(await store.finish('other', 'write', [1]), false);
    assert.equal(await store.finish(epoch, 'unknown', [1]), false);
  });

  it('is shut by a claim, emptied and opened by its holder alone', async () => {
    await store.lease(user, epoch, 'reader');
    await store.fill(user, epoch, 'reader', '{}');
    await store.begin(epoch, 'write', [2]);
    await store.claim('first');
    assert.equal(await store.begin(epoch, 'write', [1]), false);
    assert.equal(await store.lease({ id: 3 }, epoch, 'reader'), '~lost');
    await store.claim('second');
    assert.equal(await store.clear('first'), false);
    assert.equal(await store.open('first', 'new'), false);
    assert.equal(await store.clear('second'), true);
    assert.equal(await store.get(user), null);
    assert.equal(await store.get({ id: 2 }), null);
    assert.equal(await store.open('second', 'new'), true);
    assert.equal(await store.lease(page, 'new', 'reader'), '~granted');
  });

  it('keeps a bounded number of pages', async () => {
    for (let index = 0; index <= maxPages; index++) {
      const place = { page: `q=${index}` };
      assert.equal(await store.lease(place, epoch, `t${index}`), '~granted');
      await store.fill(place, epoch, `t${index}`, '{}');
    }
    assert.equal(await store.get({ page: 'q=0' }), null);
    assert.equal(await store.get({ page: `q=${maxPages}` }), '{}');
  });
}

const skip = hasRedis() || process.env.CI === 'true' ? false : 'redis-server is not installed';

describe('the cache in Redis', { skip }, () => {
  let redis: RedisServer;
  after(() => redis.stop());
  behaves(
    async () => {
      redis = await RedisServer.start();
      return new RedisStore({ url: redis.url });
    },
    async (write, milliseconds) => {
      await redis.command('ZADD', 'users_writes', String(Date.now() - milliseconds), write);
    },
  );

  it('is asked once for all that is read in a turn, and again once that question has left', async () => {
    const store = new RedisStore({ url: redis.url });
    await store.ready();
    await redis.command('MSET', 'user_1', '{"one":1}', 'user_2', '{"two":2}');
    await redis.command('HSET', 'users_list', 'first', '{"first":1}');
    const countReads = async () => {
      const stats = await redis.command('INFO', 'commandstats');
      return ['mget', 'hmget'].map((name) => Number(new RegExp(`_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0));
    };
    const earlier = await countReads();
    const places = [{ id: 1 }, { id: 2 }, { id: 1 }, { id: 3 }, { page: 'first' }, { page: 'other' }];
    const together = places.map((place) => store.get(place));
    await new Promise((resolve) => process.nextTick(resolve));
    const values = await Promise.all([...together, store.get({ id: 1 })]);
    store.close();
    const expected = ['{"one":1}', '{"two":2}', '{"one":1}', null, '{"first":1}', null, '{"one":1}'];
    assert.deepEqual(values, expected);
    assert.deepEqual(
      (await countReads()).map((count, index) => count - (earlier[index] as number)),
      [2, 1],
    );
  });

  it('tells all that waited for one question that it failed', async () => {
    const store = new RedisStore({ url: redis.url });
    await store.ready();
    const reads = [store.get({ id: 1 }), store.get({ id: 2 }), store.get({ page: 'first' })];
    store.close();
    for (const { status } of await Promise.allSettled(reads)) assert.equal(status, 'rejected');
  });
});

describe('the embedded cache', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-cache-'));
  const file = join(folder, 'app.db-cache');
  after(() => rmSync(folder, { recursive: true }));
  behaves(
    async () => new EmbeddedStore(file),
    async (write, milliseconds) => {
      const raw = new BetterSqlite3(file);
      raw.prepare('UPDATE writes SET began = ? WHERE id = ?').run(Date.now() - milliseconds, write);
      raw.close();
    },
  );

  it('is another instance when its file was replaced or damaged', async () => {
    const store = new EmbeddedStore(file);
    await store.ready();
    const first = store.instance;
    await store.ready();
    assert.equal(store.instance, first);
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    await store.ready();
    assert.ok(store.instance);
    assert.notEqual(store.instance, first);
    store.close();
  });
});
