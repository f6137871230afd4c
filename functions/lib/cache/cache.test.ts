/** The protocol between several processes, each of which stops at the worst moment. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { migrations, schemaVersion } from '#migrations';
import { SqliteEngine } from '../database/sqlite/sqlite-engine.ts';
import { WriteQueue, type WriteScope } from '../database/write-queue.ts';
import { setLogLevel } from '../logger.ts';
import { Cache } from './cache.ts';
import { CacheState } from './cache-state.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import type { CacheKey } from './keys.ts';
import { ReadTrace } from './read-trace.ts';
import { Recovery } from './recovery.ts';

setLogLevel('SILENT');

const folder = mkdtempSync(join(tmpdir(), 'cadastro-protocol-'));
after(() => rmSync(folder, { recursive: true }));

const users = { name: 'users', item: 'user' };
const tags = { name: 'tags', item: 'tag' };
const user: CacheKey = { resource: users, id: 1 };

type Operation = 'begin' | 'finish' | 'clear' | 'open';

/** A cache whose operations a test can hold or fail. */
class TroubledStore extends EmbeddedStore {
  /** Runs before the operation. */
  readonly before = new Map<Operation, () => unknown>();
  /** Runs after the operation. */
  readonly after = new Map<Operation, () => unknown>();

  override begin(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    return this.#troubled('begin', () => super.begin(epoch, write, scopes));
  }

  override finish(epoch: string, write: string, scopes: readonly WriteScope[]): Promise<boolean> {
    return this.#troubled('finish', () => super.finish(epoch, write, scopes));
  }

  override clear(token: string): Promise<boolean> {
    return this.#troubled('clear', () => super.clear(token));
  }

  override open(token: string, epoch: string): Promise<boolean> {
    return this.#troubled('open', () => super.open(token, epoch));
  }

  async #troubled<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
    await this.before.get(operation)?.();
    const result = await run();
    await this.after.get(operation)?.();
    return result;
  }
}

/** The cache of one function process, and the parts that it works with. */
class Process {
  readonly database: SqliteEngine;
  readonly store: TroubledStore;
  readonly state: CacheState;
  readonly recovery: Recovery;
  readonly cache: Cache;
  readonly #writes: WriteQueue;

  constructor(file: string) {
    this.database = new SqliteEngine({ file, synchronous: 'NORMAL', schemaVersion });
    this.store = new TroubledStore(`${file}-cache`);
    this.state = new CacheState(this.database);
    this.recovery = new Recovery(this.database, this.store, this.state);
    this.cache = new Cache(this);
    this.#writes = new WriteQueue(this.database, this.cache);
  }

  /**
   * Reads the note, which stands for a user and for every other value.
   * @param pause runs after the database was read and before the cache is filled
   */
  async read(
    pause?: () => Promise<unknown>,
    key = user,
  ): Promise<[note: string | undefined, cache: string | undefined]> {
    const trace = new ReadTrace();
    const value = await this.cache.read(key, trace, async () => {
      const row = await this.database.use((connection) => connection.get<{ note: string }>('SELECT note FROM notes'));
      await pause?.();
      return row && { etag: '"1"', json: row.note };
    });
    return [value?.json, trace.cache];
  }

  async write(note: string, resource = users): Promise<void> {
    await this.#writes.submit([{ resource, ids: [1] }], async (connection) => {
      await connection.run('UPDATE notes SET note = ?', note);
    });
  }

  /** Begins a write that does not finish. */
  begin(resource = users) {
    return this.cache.begin([{ resource, ids: [1] }]);
  }

  async revoke(): Promise<void> {
    await this.recovery.revoke((await this.state.refresh()).epoch, 'test');
  }

  async close(): Promise<void> {
    this.store.close();
    await this.database.close();
  }
}

let first: Process;
let second: Process;
let third: Process;
let count = 0;

beforeEach(async () => {
  const file = join(folder, `${count++}.db`);
  [first, second, third] = [new Process(file), new Process(file), new Process(file)];
  await first.database.migrate(migrations);
  await first.database.use((connection) => {
    connection.run('CREATE TABLE notes (note TEXT)');
    connection.run("INSERT INTO notes VALUES ('old')");
    connection.run("INSERT INTO resources (name, item, total, revision) VALUES ('tags', 'tag', 0, '')");
  });
  assert.equal(await first.recovery.attempt(), true);
});
afterEach(() => Promise.all([first, second, third].map((process) => process.close())));

it('reads from the database, then from the cache, in every process', async () => {
  assert.deepEqual(await first.read(), ['old', 'miss']);
  assert.deepEqual(await first.read(), ['old', 'hit']);
  assert.deepEqual(await second.read(), ['old', 'hit']);
});

it('does not let a slow reader store an old value', async () => {
  const stale = await first.read(() => second.write('new'));
  assert.deepEqual(stale, ['old', 'miss']);
  assert.deepEqual(await third.read(), ['new', 'miss']);
  assert.deepEqual(await first.read(), ['new', 'hit']);
});

it('lets one reader at a time load a value', async () => {
  let meanwhile: unknown;
  await first.read(async () => {
    meanwhile = await second.read();
  });
  assert.deepEqual(meanwhile, ['old', 'miss']);
  assert.deepEqual(await second.read(), ['old', 'hit']);
});

it('does not answer from the cache between the commit and the finish of a write', async () => {
  await first.read();
  let between: unknown;
  first.store.before.set('finish', async () => {
    between = await second.read();
  });
  await first.write('new');
  assert.deepEqual(between, ['new', 'miss']);
});

it('writes without the cache when a write cannot reach it, tells every process, and recovers it empty', async () => {
  await second.read();
  const fail = () => Promise.reject(new Error('no answer'));
  first.store.before.set('begin', fail);
  first.store.before.set('clear', fail);
  const startedAt = performance.now();
  await first.write('new');
  assert.ok(performance.now() - startedAt >= 100, 'the write waits until every process must have noticed');
  assert.deepEqual(await second.read(), ['new', 'bypass']);
  assert.deepEqual(await first.read(), ['new', 'bypass']);
  await comesBack(second, 'new');
  assert.deepEqual(await first.read(), ['new', 'hit']);
});

it('does not wait again for a revocation that every process has noticed', async (test) => {
  await first.revoke();
  await first.state.waitUntilNoticed(await first.state.refresh());
  first.store.before.set('clear', () => Promise.reject(new Error('no answer')));
  const timers = test.mock.method(globalThis, 'setTimeout');
  await first.begin();
  const waits = timers.mock.calls.filter(({ arguments: [, milliseconds] }) => Number(milliseconds) > 0);
  assert.deepEqual(waits, []);
});

it('serves no old value when a write could not finish', async () => {
  await second.read();
  first.store.before.set('finish', () => Promise.reject(new Error('no answer')));
  const startedAt = performance.now();
  await first.write('new');
  assert.ok(performance.now() - startedAt >= 100, 'the write waits until every process must have noticed');
  assert.deepEqual((await second.read())[0], 'new');
  first.store.before.clear();
  await comesBack(second, 'new');
});

it('does not trust the age of its view after it was frozen, even if a query has begun before', async (test) => {
  await first.read();
  test.mock.method(performance, 'now', () => 1);
  const begun = first.state.refresh();
  first.state.forget();
  await begun;
  await second.revoke();
  assert.equal((await first.state.current()).instance, null);
});

it('repeats a write when the cache was recovered between its begin and its commit', async () => {
  let begins = 0;
  first.store.before.set('begin', () => begins++);
  const fence = await first.begin();
  await second.revoke();
  assert.equal(await second.recovery.attempt(), true);
  assert.equal(await first.database.use((connection) => fence.holds(connection)), false);
  await fence.finish();
  await first.write('new');
  assert.equal(begins, 2);
  assert.deepEqual(await second.read(), ['new', 'miss']);
});

it('does not commit a write without tombstones once the cache is in use again', async () => {
  await first.revoke();
  const fence = await second.begin();
  await first.recovery.attempt();
  assert.equal(await second.database.use((connection) => fence.holds(connection)), false);
});

it('recovers the cache when a writer died with its tombstones stored', async (test) => {
  await first.read();
  await second.begin();
  assert.deepEqual(await first.read(), ['old', 'miss']);
  assert.deepEqual(await first.read(), ['old', 'miss']);
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 10_000 });
  assert.deepEqual(await first.read(), ['old', 'miss']);
  await comesBack(first, 'old');
});

it('gives up a recovery that another process has taken over', async () => {
  await first.revoke();
  let other: boolean | undefined;
  first.store.before.set('clear', async () => {
    other = await second.recovery.attempt();
  });
  assert.equal(await first.recovery.attempt(), false);
  assert.equal(other, true);
  assert.equal(await third.recovery.attempt(), true);
  await first.write('new');
  assert.deepEqual(await third.read(), ['new', 'miss']);
  assert.deepEqual(await first.read(), ['new', 'hit']);
});

it('does not put a cache into use that was replaced while another one was emptied', async () => {
  await first.revoke();
  first.store.after.set('open', async () => {
    removeCacheFile();
    await first.store.ready();
  });
  assert.equal(await first.recovery.attempt(), false);
  assert.equal((await second.state.refresh()).instance, null);
  first.store.after.clear();
  await comesBack(third, 'old');
});

it('keeps its content while another program locks the cache file for a moment', async () => {
  const other: CacheKey = { resource: users, id: 2 };
  await first.read();
  await first.read(undefined, other);
  const { epoch } = await first.state.refresh();
  const foreign = new BetterSqlite3(`${first.database.file}-cache`);
  foreign.exec('BEGIN IMMEDIATE');
  const write = first.write('new');
  assert.deepEqual(await second.read(undefined, other), ['old', 'hit']);
  foreign.close();
  await write;
  assert.deepEqual(await second.read(), ['new', 'miss']);
  assert.deepEqual(await second.read(undefined, other), ['old', 'hit']);
  assert.equal((await first.state.refresh()).epoch, epoch);
});

it('notices a cache that is another instance than before', async () => {
  await first.read();
  for (const process of [first, second, third]) process.store.close();
  removeCacheFile();
  assert.deepEqual(await first.read(), ['old', 'bypass']);
  await second.write('new');
  await comesBack(third, 'new');
});

it('ignores a value that an older version has stored in another form', async () => {
  const { epoch } = await first.state.refresh();
  first.store.lease(user, epoch, 'older');
  first.store.fill(user, epoch, 'older', '{"id":1,"version":1}');
  assert.deepEqual(await second.read(), ['old', 'bypass']);
  await second.write('new');
  assert.deepEqual(await second.read(), ['new', 'miss']);
});

it('keeps the values of one resource while another is written, also by a write that died', async () => {
  const list: CacheKey = { resource: users, query: 'sort=id' };
  await first.read();
  await first.read(undefined, list);
  await second.write('new', tags);
  await second.begin(tags);
  assert.deepEqual(await third.read(), ['old', 'hit']);
  assert.deepEqual(await third.read(undefined, list), ['old', 'hit']);
  assert.deepEqual(await third.read(undefined, { resource: tags, id: 1 }), ['new', 'miss']);
});

it('empties the values of every resource that the database knows', async () => {
  const keys: CacheKey[] = [user, { resource: tags, id: 1 }, { resource: tags, query: '' }];
  for (const key of keys) await first.read(undefined, key);
  await second.revoke();
  assert.equal(await second.recovery.attempt(), true);
  for (const key of keys) assert.deepEqual(await first.read(undefined, key), ['old', 'miss']);
});

function removeCacheFile(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${first.database.file}-cache${suffix}`, { force: true });
}

async function comesBack(process: Process, expected: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const [note, cache] = await process.read();
    assert.equal(note, expected);
    if (cache === 'hit') return;
    assert.ok(performance.now() < deadline, 'the cache does not come back');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
