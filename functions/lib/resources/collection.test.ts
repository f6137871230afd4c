/** Two resources on one database and one cache: users, and tags, which only this test has. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { randomStream } from '../../../infra/tests/support/random.ts';
import { RedisServer, skipWithoutRedis } from '../../../infra/tests/support/redis.ts';
import { until } from '../../../infra/tests/support/until.ts';
import type { CacheStore } from '../cache/cache-store.ts';
import { EmbeddedStore } from '../cache/embedded/embedded-store.ts';
import { ReadTrace } from '../cache/read-trace.ts';
import { RedisStore } from '../cache/redis/redis-store.ts';
import { readConfig } from '../config.ts';
import type { Row } from '../database/engine.ts';
import { recordChange } from '../database/resources.ts';
import { setLogLevel } from '../logger.ts';
import { UserDirectory } from '../users/directory.ts';
import { parseUserBatch } from '../users/parse-batch.ts';
import { userSortColumns } from '../users/resource.ts';
import { Collection } from './collection.ts';
import { DataAccess } from './data-access.ts';
import { parseListQuery } from './list-query.ts';
import { ListReader } from './list-reader.ts';

setLogLevel('SILENT');

const tagResource = { name: 'tags', item: 'tag' };
const tagTable = {
  resource: tagResource,
  columns: { id: 'id', version: 'version' },
  sortColumns: { id: 'id' },
  searchColumn: 'id',
  beginColumn: 'id',
};

type Tag = Row & { readonly id: number; readonly version: number };

/** A second resource, as small as one can be. */
class TagDirectory {
  readonly #collection: Collection<ListReader<Tag>>;

  constructor(data: DataAccess, resource = tagResource) {
    this.#collection = new Collection(data, resource, (knex) => new ListReader<Tag>(knex, tagTable));
  }

  read(id: number, trace: ReadTrace) {
    return this.#collection.readItem(id, trace, async (connection) => {
      const tag = await connection.get<Tag>('SELECT id, version FROM tags WHERE id = ?', id);
      return tag && { etag: `"${tag.version}"`, json: JSON.stringify(tag) };
    });
  }

  list(trace: ReadTrace) {
    const query = parseListQuery({}, tagTable.sortColumns);
    return this.#collection.readList(query, trace, async (connection, tags) => {
      const { items, revision } = await tags.read(connection, query);
      return { etag: `"${revision}"`, json: JSON.stringify({ tags: items }) };
    });
  }

  create(): Promise<number> {
    return this.#collection.write([], async (connection) => {
      recordChange(connection, tagResource, 1);
      return (await connection.get<Tag>('INSERT INTO tags (version) VALUES (1) RETURNING id'))?.id ?? 0;
    });
  }

  /** @returns the new version */
  update(id: number): Promise<number> {
    return this.#collection.write([id], async (connection) => {
      await connection.run('UPDATE tags SET version = version + 1 WHERE id = ?', id);
      recordChange(connection, tagResource, 0);
      return (await connection.get<Tag>('SELECT version FROM tags WHERE id = ?', id))?.version ?? 0;
    });
  }

  /** Updates the tags whose ids the query returns. */
  updateFound(find: () => number[]): Promise<void> {
    return this.#collection.writeFound(
      () => find().map((id) => ({ id })),
      async (connection, _, found) => {
        for (const { id } of found) await connection.run('UPDATE tags SET version = version + 1 WHERE id = ?', id);
        recordChange(connection, tagResource, 0);
      },
      2,
    );
  }
}

/** One function process. */
class Process {
  readonly data: DataAccess;
  readonly users: UserDirectory;
  readonly tags: TagDirectory;

  constructor(file: string, store: CacheStore) {
    const environment = { DATABASE_URL: `sqlite:${file}`, DATABASE_SYNCHRONOUS: 'normal' };
    this.data = new DataAccess(readConfig(environment), store);
    this.users = new UserDirectory(this.data, 30, 365);
    this.tags = new TagDirectory(this.data);
  }

  /** Updates one of the two users by its e-mail, from which the write has to find the id. @returns the new version */
  async updateInBatch(id: number, name: string): Promise<number> {
    const email = id === 1 ? 'ada@example.com' : 'grace@example.com';
    const { results } = await this.users.writeBatch(parseUserBatch({ users: [{ name, email }], existing: 'update' }));
    return results[0]?.version ?? 0;
  }

  /** @returns the source of the value, and the versions of the items in it by their ids */
  async read(key: string): Promise<{ source: ReadTrace['cache']; versions: Map<number, number> }> {
    const trace = new ReadTrace();
    const [resource, id] = key.split(' ');
    const value =
      resource === 'user'
        ? await this.users.read(Number(id), trace)
        : resource === 'tag'
          ? await this.tags.read(Number(id), trace)
          : resource === 'users'
            ? await this.users.list(parseListQuery({}, userSortColumns), trace)
            : await this.tags.list(trace);
    const body = JSON.parse(value?.json ?? '{}');
    const items: Tag[] = body.users ?? body.tags ?? [body];
    return { source: trace.cache, versions: new Map(items.map((item) => [item.id, item.version])) };
  }
}

/** @param open a process's connection to the cache @param flush makes the cache lose its content */
function behaves(open: (file: string) => CacheStore, flush: (file: string) => Promise<unknown>): void {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-resources-'));
  const file = join(folder, 'app.db');
  const processes: Process[] = [];
  const keys = ['user 1', 'user 2', 'users', 'tag 1', 'tag 2', 'tags'];
  let first: Process;
  let second: Process;

  before(async () => {
    for (let count = 0; count < 3; count++) processes.push(new Process(file, open(file)));
    [first, second] = processes as [Process, Process];
    await first.data.prepare();
    await first.data.database.use(async (connection) => {
      await connection.run('CREATE TABLE tags (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
      await connection.run("INSERT INTO resources (name, item, total, revision) VALUES ('tags', 'tag', 0, '')");
    });
    for (const name of ['Ada', 'Grace']) await first.users.create({ name, email: `${name}@example.com` });
    for (let count = 0; count < 2; count++) await first.tags.create();
  });
  after(async () => {
    for (const { data } of processes) await data.close();
    rmSync(folder, { recursive: true });
  });

  const cached = (process: Process, key: string) =>
    until(`${key} is cached`, async () => (await process.read(key)).source === 'hit');

  it('keeps every value of one resource in the cache while the other one is written', async () => {
    for (const key of keys) await cached(first, key);
    await second.tags.update(1);
    await second.tags.create();
    for (const key of ['user 1', 'user 2', 'users', 'tag 2']) assert.equal((await first.read(key)).source, 'hit', key);
    for (const key of ['tag 1', 'tags']) assert.equal((await first.read(key)).source, 'miss', key);

    for (const key of keys) await cached(first, key);
    await second.users.update(1, { name: 'Ada King' }, () => true);
    for (const key of ['tag 1', 'tag 2', 'tags', 'user 2']) assert.equal((await first.read(key)).source, 'hit', key);
    for (const key of ['user 1', 'users']) assert.equal((await first.read(key)).source, 'miss', key);
  });

  it('invalidates an item that a write finds only inside its transaction', async () => {
    for (const key of keys) await cached(first, key);
    let calls = 0;
    await second.tags.updateFound(() => (calls++ === 0 ? [1] : [1, 2]));
    assert.equal(calls, 3);
    for (const key of ['tag 1', 'tag 2', 'tags']) assert.equal((await first.read(key)).source, 'miss', key);
    const endless = second.tags.updateFound(() => [calls++]);
    await assert.rejects(endless, { name: 'DatabaseUnavailable' });
  });

  it('never serves a value from before a write that was answered, also when the cache loses its content', async () => {
    /** The versions that a client knows of, by resource and id. */
    const known = new Map(['user 1', 'user 2', 'tag 1', 'tag 2'].map((key) => [key, 1]));
    const sources = new Map<unknown, number>();
    const client = async (name: string, steps: number) => {
      const random = randomStream(7, name);
      for (let step = 0; step < steps; step++) {
        const process = random.pick(processes);
        if (random.chance(0.3)) {
          const id = random.integer(1, 2);
          const resource = random.pick(['user', 'tag']);
          const version =
            resource === 'tag'
              ? await process.tags.update(id)
              : random.chance(0.5)
                ? await process.updateInBatch(id, `Name ${name} ${step}`)
                : (await process.users.update(id, { name: `Name ${name} ${step}` }, () => true)).version;
          known.set(`${resource} ${id}`, Math.max(version, known.get(`${resource} ${id}`) ?? 0));
        } else {
          const key = random.pick(keys);
          const resource = key.replace(/s? ?\d*$/, '');
          const before = new Map(known);
          const { versions, source } = await process.read(key);
          sources.set(source, (sources.get(source) ?? 0) + 1);
          for (const [id, version] of versions) {
            const atLeast = before.get(`${resource} ${id}`) ?? 1;
            assert.ok(version >= atLeast, `${key} has version ${version} of ${id}, ${atLeast} was known (${source})`);
          }
        }
      }
    };
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(names.map((name) => client(name, 80)));
    assert.ok((sources.get('hit') ?? 0) > 0 && (sources.get('miss') ?? 0) > 0, String([...sources]));
    const clients = Promise.all(names.map((name) => client(`${name} while the cache is emptied`, 80)));
    await flush(file);
    await clients;
  });

  it('empties every resource before the API opens', async () => {
    for (const key of keys) await cached(second, key);
    await first.data.prepare();
    await until('the cache is in use again', async () => (await second.read('user 1')).source === 'hit');
    for (const key of keys.slice(1)) assert.equal((await second.read(key)).source, 'miss', key);
  });

  it('refuses a resource that no migration has registered, before anything of it is cached', async () => {
    const unknown = new TagDirectory(first.data, { name: 'unknown', item: 'unknown' });
    await assert.rejects(unknown.read(1, new ReadTrace()), /no row for "unknown".*migration/);
    await assert.rejects(unknown.read(1, new ReadTrace()), /no row for "unknown".*migration/);
  });
}

describe('resources in the embedded cache', () => {
  behaves(
    (file) => new EmbeddedStore(`${file}-cache`),
    async (file) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}-cache${suffix}`, { force: true });
    },
  );
});

const skip = skipWithoutRedis();

describe('resources in Redis', { skip }, () => {
  let redis: RedisServer;
  after(() => redis.stop());
  before(async () => {
    redis = await RedisServer.start();
  });
  behaves(
    // Gives Redis time on a busy machine.
    () => new RedisStore({ address: redis.address, commandTimeoutMs: 60_000 }),
    () => redis.command('FLUSHALL'),
  );
});
