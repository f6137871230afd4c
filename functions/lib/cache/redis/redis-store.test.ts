/** Servers that a cache must not trust: one that was demoted, one that evicts any key, one that grants too little. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { migrations, schemaVersion } from '#migrations';
import { RedisServer, skipWithoutRedis } from '../../../../infra/tests/support/redis.ts';
import { promote, replicable, replicate } from '../../../../infra/tests/support/redis-groups.ts';
import { until } from '../../../../infra/tests/support/until.ts';
import { SqliteEngine } from '../../database/sqlite/sqlite-engine.ts';
import { WriteQueue } from '../../database/write-queue.ts';
import { setLogLevel } from '../../logger.ts';
import { Cache } from '../cache.ts';
import { CacheState } from '../cache-state.ts';
import { ReadTrace } from '../read-trace.ts';
import { Recovery } from '../recovery.ts';
import type { RedisChange } from './redis-connection.ts';
import { RedisStore } from './redis-store.ts';

setLogLevel('SILENT');

const users = { name: 'users', item: 'user' };
const user = { resource: users, id: 1 };

const folder = mkdtempSync(join(tmpdir(), 'cadastro-redis-store-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** The cache of one function process with a note in its database, which stands for a user. */
class Process {
  readonly changes: RedisChange[] = [];
  readonly database: SqliteEngine;
  readonly store: RedisStore;
  readonly state: CacheState;
  readonly cache: Cache;
  readonly #writes: WriteQueue;

  private constructor({ address }: RedisServer, file: string) {
    this.database = new SqliteEngine({ file, synchronous: 'NORMAL', schemaVersion });
    this.store = new RedisStore({ address, commandTimeoutMs: 60_000, onChange: (change) => this.changes.push(change) });
    this.state = new CacheState(this.database);
    const recovery = new Recovery(this.database, this.store, this.state);
    this.cache = new Cache({ store: this.store, state: this.state, recovery });
    this.#writes = new WriteQueue(this.database, this.cache);
  }

  static async start(redis: RedisServer, test: TestContext): Promise<Process> {
    const process = new Process(redis, join(folder, `${files++}.db`));
    await process.database.migrate(migrations);
    await process.database.use((connection) => connection.run("CREATE TABLE notes AS SELECT 'old' AS note"));
    test.after(async () => {
      process.store.close();
      await process.database.close();
    });
    return process;
  }

  /** @returns the note and X-Cache */
  async read(): Promise<[string | undefined, string | undefined]> {
    const trace = new ReadTrace();
    const value = await this.cache.read(user, trace, async () => {
      const row = await this.database.use((connection) => connection.get<{ note: string }>('SELECT note FROM notes'));
      return row && { etag: '"1"', json: row.note };
    });
    return [value?.json, trace.cache];
  }

  /** Reads until the cache answers, and asserts that no answer is another one. */
  hit(expected: string): Promise<boolean> {
    return until(`a hit of ${expected}`, async () => {
      const [note, cache] = await this.read();
      assert.equal(note, expected);
      return cache === 'hit';
    });
  }

  async write(note: string): Promise<void> {
    await this.#writes.submit([{ resource: users, ids: [1] }], async (connection) => {
      await connection.run('UPDATE notes SET note = ?', note);
    });
  }

  fault(expected: string | undefined): Promise<boolean> {
    return until(`the fault ${expected}`, async () => {
      await this.read();
      return this.store.fault === expected;
    });
  }
}

async function startRedis(test: TestContext): Promise<RedisServer> {
  const redis = await RedisServer.start(replicable);
  test.after(() => redis.stop());
  return redis;
}

describe('a cache in Redis', { skip: skipWithoutRedis() }, () => {
  for (const [what, whileDemoted] of [
    ['that was read while it was a replica', (process: Process) => process.read()],
    ['that nobody asked while it was a replica', async () => ['new']],
  ] as const) {
    it(`serves nothing old from a master that was demoted, resynchronised and promoted, ${what}`, async (test) => {
      const [master, other] = [await startRedis(test), await startRedis(test)];
      const process = await Process.start(master, test);
      await process.hit('old');
      // The other server keeps the old value, and the epoch with it.
      await replicate(other, master);
      await promote(other);
      await process.hit('old');
      await process.write('new');
      await process.hit('new');
      await replicate(master, other);
      assert.equal((await whileDemoted(process))[0], 'new');
      await promote(master);
      assert.match(await master.command('GET', 'user_1'), /old/);
      await process.hit('new');
    });
  }

  for (const [what, goBack] of [
    ['SWAPDB', (redis: RedisServer) => redis.command('SWAPDB', '0', '1')],
    ['an old file that DEBUG RELOAD reads', (redis: RedisServer) => redis.command('DEBUG', 'RELOAD', 'NOSAVE')],
  ] as const) {
    it(`serves nothing of an earlier epoch that comes back by ${what}`, async (test) => {
      const redis = await RedisServer.start([...replicable, '--enable-debug-command', 'yes']);
      test.after(() => redis.stop());
      const process = await Process.start(redis, test);
      await process.hit('old');
      await redis.command('SAVE');
      await redis.command('SWAPDB', '0', '1');
      await process.write('new');
      await process.hit('new');
      await goBack(redis);
      assert.match(await redis.command('GET', 'user_1'), /old/);
      await process.hit('new');
    });
  }

  it('is not used on a replica, which answers reads as a master does', async (test) => {
    const [master, replica] = [await startRedis(test), await startRedis(test)];
    await replicate(replica, master);
    const process = await Process.start(replica, test);
    await process.fault('replica');
    assert.deepEqual(await process.cache.check(), { engine: 'redis', state: 'bypass', reason: 'replica' });
    await process.write('new');
    assert.deepEqual(await process.read(), ['new', 'bypass']);
    await promote(replica);
    await process.hit('new');
  });

  for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random']) {
    it(`is not used where ${policy} may evict a tombstone, and the log says so once`, async (test) => {
      const redis = await startRedis(test);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', policy);
      const process = await Process.start(redis, test);
      await process.fault('eviction-policy');
      for (let reads = 0; reads < 20; reads++) assert.deepEqual(await process.read(), ['old', 'bypass']);
      assert.deepEqual(await process.cache.check(), { engine: 'redis', state: 'bypass', reason: 'eviction-policy' });
      const [change, ...others] = process.changes.filter(({ fault }) => fault === 'eviction-policy');
      assert.match(change?.reason ?? '', new RegExp(`${policy}.*set volatile-lru or noeviction`));
      assert.deepEqual(others, []);
      assert.equal(await redis.command('DBSIZE'), ':0\r\n');
    });
  }

  it('is emptied before it is used again after a time in which it might have lost a tombstone', async (test) => {
    const redis = await startRedis(test);
    const process = await Process.start(redis, test);
    await process.hit('old');
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await process.fault('eviction-policy');
    await until('the cache is revoked', async () => {
      await process.read();
      return (await process.state.refresh()).instance === null;
    });
    await redis.command('SET', 'user_1', '"1"\nstale');
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    await process.hit('old');
  });

  for (const policy of ['noeviction', 'volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl']) {
    it(`keeps tombstones, epoch and writes in a full Redis with ${policy}, and serves nothing old`, async (test) => {
      const redis = await startRedis(test);
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', policy);
      const process = await Process.start(redis, test);
      await process.hit('old');
      const { epoch } = await process.state.refresh();
      await process.store.begin(epoch, 'held', [{ resource: users, ids: [1, 2] }]);
      const lasting = ['cache_epoch', 'users_writes', 'user_1', 'user_2'];
      for (const key of lasting) assert.equal(await redis.command('PTTL', key), ':-1\r\n', key);
      const usedMemory = /used_memory:(\d+)/.exec(await redis.command('INFO', 'memory'))?.[1];
      await redis.command('CONFIG', 'SET', 'maxmemory', String(Number(usedMemory) + 200_000));
      const value = 'x'.repeat(10_000);
      let full = 0;
      for (let id = 10; id < 200; id++) {
        const reply = await process.store.lease({ resource: users, id }, epoch, `${id}`);
        if (reply === '~full') full++;
        else await process.store.fill({ resource: users, id }, epoch, `${id}`, value).catch(() => full++);
      }
      assert.equal(full > 0, policy === 'noeviction');
      for (const key of lasting) assert.equal(await redis.command('EXISTS', key), ':1\r\n', key);
      assert.notEqual((await process.read())[1], 'hit');
      await process.store.finish(epoch, 'held', [{ resource: users, ids: [1, 2] }]);
      await process.write('new');
      await process.hit('new');
    });
  }

  it('needs the rights that the documents list, and no others', { timeout: 600_000 }, async (test) => {
    const redis = await startRedis(test);
    const document = readFileSync(join(import.meta.dirname, '../../../../infra/docs/operations.md'), 'utf8');
    const rule = /^ACL SETUSER cadastro on >PASSWORD (.*)$/m.exec(document)?.[1]?.split(' ') ?? [];
    const address = { ...redis.address, username: 'cadastro', password: 'sesame' };
    /** Uses every operation. @returns the faults that the store has reported */
    const faultsWith = async (rights: string[]) => {
      await redis.command('ACL', 'SETUSER', 'cadastro', 'reset', 'on', '>sesame', ...rights);
      await redis.command('SCRIPT', 'FLUSH');
      const changes: RedisChange[] = [];
      const store = new RedisStore({ address, commandTimeoutMs: 60_000, onChange: (change) => changes.push(change) });
      await until('an answer', async () => {
        await store.ready();
        return store.instance !== undefined || changes.length > 0;
      });
      await useEverything(store).catch(() => {});
      store.close();
      return changes.map(({ fault, reason }) => `${fault}: ${reason}`);
    };
    assert.ok(rule.length > 20);
    assert.deepEqual(await faultsWith(rule), []);
    for (const right of rule.filter((one) => one !== '+ping')) {
      const [first, ...others] = await faultsWith(rule.filter((one) => one !== right));
      assert.match(first ?? '', /permission/, right);
      assert.deepEqual(others, [], right);
    }
  });
});

/** Runs every operation of a store, also those that a full list and a foreign epoch cause. */
async function useEverything(store: RedisStore): Promise<void> {
  const list = { resource: users, query: 'sort=id' };
  const scopes = [{ resource: users, ids: [1] }];
  await store.claim('claim');
  await store.clear('claim', [users]);
  await store.open('claim', 'epoch');
  for (const key of [user, list]) {
    await store.get(key, 'epoch');
    await store.lease(key, 'epoch', 'token');
    await store.fill(key, 'epoch', 'token', '{}');
    await store.get(key, 'epoch');
  }
  for (const key of [
    { resource: users, id: 2 },
    { resource: users, query: '' },
  ]) {
    await store.lease(key, 'epoch', 'token');
    await store.release(key, 'token');
  }
  await store.begin('epoch', 'write', scopes);
  await store.lease(list, 'epoch', 'token');
  await store.finish('epoch', 'write', scopes);
  await store.claim('claim');
  await store.clear('claim', [users]);
}
