/**
 * Scenes that random faults hardly ever play: each makes two routers serve an old value unless one rule of the cache's proof holds.
 * @see infra/docs/decisions/039-postgresql.md @see infra/docs/decisions/040-redis-beyond-one-server.md
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { skipWithoutPostgres } from '../support/postgres.ts';
import { skipWithoutRedis } from '../support/redis.ts';
import { promote, replicate } from '../support/redis-groups.ts';
import { until } from '../support/until.ts';
import type { PostgresDatabase } from './fault-database.ts';
import { System, type SystemOptions } from './system.ts';

interface Seen {
  readonly status: number;
  readonly cache: string | null;
  readonly name: string | undefined;
}

/** Two routers on PostgreSQL and Redis. The user is cached before the scene begins. */
class Scene {
  readonly system: System;
  readonly id: number;

  private constructor(system: System, id: number) {
    this.system = system;
    this.id = id;
  }

  static async start(test: TestContext, options: Partial<SystemOptions> = {}): Promise<Scene> {
    const system = await System.start({ dist: 'dist', cache: 'redis', engine: 'postgres', routers: 2, ...options });
    test.after(() => system.stop());
    const answer = await send(system.urls[0], 'POST', '/users', { name: 'Ada', email: 'ada@example.com' });
    return new Scene(system, ((await answer.json()) as { id: number }).id);
  }

  get database(): PostgresDatabase {
    return this.system.database as PostgresDatabase;
  }

  /** Reads the user at a router. */
  async read(router: number): Promise<Seen> {
    const answer = await send(this.system.urls[router], 'GET', `/users/${this.id}`);
    const { name } = (await answer.json()) as { name?: string };
    return { status: answer.status, cache: answer.headers.get('x-cache'), name };
  }

  /** Reads at a router until the cache answers, and asserts that no answer is another one. */
  async hits(router: number, name: string): Promise<void> {
    await until(`a hit of ${name}`, async () => {
      const seen = await this.read(router);
      if (seen.status === 200) assert.equal(seen.name, name);
      return seen.cache === 'hit';
    });
  }

  /** Renames the user at a router. @returns the status */
  async rename(router: number, name: string): Promise<number> {
    const answer = await send(this.system.urls[router], 'PATCH', `/users/${this.id}`, { name });
    await answer.text();
    return answer.status;
  }

  /** Renames again until the database takes it. */
  async renameAtLast(router: number, name: string): Promise<void> {
    await until('the database takes a write', async () => (await this.rename(router, name)) === 200);
  }
}

function send(url: string | undefined, method: string, path: string, body?: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method, ...(body && { headers, body: JSON.stringify(body) }) });
}

const isCommit = (chunk: Buffer) => chunk.includes('COMMIT\0');

async function startWithStandby(test: TestContext) {
  const scene = await Scene.start(test);
  const standby = await scene.database.server.startStandby();
  test.after(() => standby.stop());
  return { scene, standby };
}

describe('two routers serve nothing old', { skip: skipWithoutRedis() || skipWithoutPostgres() }, () => {
  for (const [what, isReachable] of [
    ['and the client can ask for its outcome', true],
    ['and nobody tells its outcome', false],
  ] as const) {
    it(`when a COMMIT is held in the network, its client is cut, ${what}`, async (test) => {
      const scene = await Scene.start(test);
      const { proxy } = scene.database;
      await scene.hits(1, 'Ada');
      const commit = proxy.holdNext('requests', isCommit);
      const status = scene.rename(0, 'Grace');
      await commit.caught;
      proxy.refuse(!isReachable);
      proxy.cutClients();
      assert.equal(await status, isReachable ? 200 : 503);
      proxy.refuse(false);
      // The transaction is open, or another one has written. Each answer must be one that the cache does not keep.
      for (let count = 0; count < 3; count++) await scene.read(1);
      commit.release();
      await until('the write has happened', async () => (await scene.read(1)).name === 'Grace');
      await scene.hits(1, 'Grace');
      await scene.hits(0, 'Grace');
    });
  }

  it('when a standby with every commit takes the place of the database', async (test) => {
    const { scene, standby } = await startWithStandby(test);
    await scene.rename(0, 'Grace');
    await scene.hits(1, 'Grace');
    await scene.database.server.isFollowedBy(standby);
    await scene.database.failOver(standby);
    await scene.hits(0, 'Grace');
    await scene.renameAtLast(1, 'Joan');
    await scene.hits(0, 'Joan');
  });

  it('when a standby without the last commit takes the place of the database', async (test) => {
    const { scene, standby } = await startWithStandby(test);
    await scene.database.server.isFollowedBy(standby);
    await standby.stopFollowing();
    await scene.rename(0, 'Grace');
    await scene.hits(1, 'Grace');
    await scene.database.failOver(standby);
    // The cache still has Grace, whom the database has lost.
    await scene.hits(1, 'Ada');
    await scene.renameAtLast(0, 'Joan');
    await scene.hits(1, 'Joan');
  });

  it('when Redis is demoted, takes an older copy, and is promoted', async (test) => {
    const scene = await Scene.start(test);
    const { redis } = scene.system;
    assert.ok(redis);
    const other = await scene.system.otherRedis();
    await scene.hits(1, 'Ada');
    await replicate(other, redis);
    await promote(other);
    await scene.hits(1, 'Ada');
    assert.equal(await scene.rename(0, 'Grace'), 200);
    await scene.hits(1, 'Grace');
    await replicate(redis, other);
    await promote(redis);
    assert.match(await redis.command('GET', `user_${scene.id}`), /Ada/);
    await scene.hits(1, 'Grace');
    await scene.hits(0, 'Grace');
  });

  it('when Redis may evict a tombstone, does so, and the writer dies', async (test) => {
    const scene = await Scene.start(test, { redisOptions: ['--maxmemory-policy', 'allkeys-lru'] });
    const { redis } = scene.system;
    await scene.read(1);
    const commit = scene.database.proxy.holdNext('requests', isCommit);
    const write = scene.rename(0, 'Grace');
    await commit.caught;
    await redis?.command('DEL', `user_${scene.id}`, 'users_writes');
    for (let count = 0; count < 3; count++) await scene.read(1);
    const processes = await scene.system.routers[0]?.processes();
    for (const { name, pid } of processes ?? []) if (name === 'update-user') process.kill(pid, 'SIGKILL');
    commit.release();
    assert.equal(await write, 502);
    await until('the write has happened', async () => (await scene.database.users())[0]?.name === 'Grace');
    for (let count = 0; count < 3; count++) assert.equal((await scene.read(1)).name, 'Grace');
  });

  it('and a further router that starts costs the others no value', async (test) => {
    const scene = await Scene.start(test, { routers: 1 });
    await scene.hits(0, 'Ada');
    const state = () => scene.database.server.query('SELECT * FROM cache_state', scene.database.directUrl);
    const before = await state();
    let isStarted = false;
    const started = scene.system.addRouter().finally(() => {
      isStarted = true;
    });
    const caches: (string | null)[] = [];
    while (!isStarted) caches.push((await scene.read(0)).cache);
    await started;
    // On a busy machine Redis may answer a read too late, which then bypasses the cache.
    test.diagnostic(`${caches.filter((cache) => cache === 'hit').length} hits of ${caches.length} reads`);
    assert.ok(!caches.includes('miss'));
    assert.deepEqual(await state(), before);
    await scene.hits(1, 'Ada');
  });
});
