/** The protocol between several processes, each of them stopped at the worst moment. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, it } from 'node:test';
import { migrations, schemaVersion } from '#migrations';
import { Database } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { WriteQueue } from '../database/write-queue.ts';
import { ReadTrace } from '../http/reply.ts';
import { setLogLevel } from '../logger.ts';
import { Cache } from './cache.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import { Recovery } from './redis/recovery.ts';
import { TrustRow } from './trust.ts';

setLogLevel('SILENT');

const folder = mkdtempSync(join(tmpdir(), 'cadastro-protocol-'));
after(() => rmSync(folder, { recursive: true }));

/** A cache whose methods can be held up, or made to fail. */
class TroubledStore extends EmbeddedStore {
  readonly trouble = new Map<string, () => unknown>();

  override begin(epoch: string, write: string, ids: readonly number[]): boolean {
    this.trouble.get('begin')?.();
    return super.begin(epoch, write, ids);
  }

  override finish(epoch: string, write: string, ids: readonly number[]): boolean {
    this.trouble.get('finish')?.();
    return super.finish(epoch, write, ids);
  }

  override clear(token: string): boolean {
    this.trouble.get('clear')?.();
    return super.clear(token);
  }
}

/** What one function process has. */
class Process {
  readonly database: Database;
  readonly store: TroubledStore;
  readonly trust: TrustRow;
  readonly recovery: Recovery;
  readonly cache: Cache;
  readonly #writes: WriteQueue;

  constructor(file: string) {
    this.database = new Database({ file, synchronous: 'NORMAL', schemaVersion });
    this.store = new TroubledStore(`${file}-cache`);
    this.trust = new TrustRow(this.database);
    this.recovery = new Recovery(this.store, this.trust);
    this.cache = new Cache(this);
    this.#writes = new WriteQueue(this.database, this.cache);
  }

  /** Reads the note. @param pause what happens after the database was read and before the cache is filled */
  async read(pause?: () => Promise<unknown>): Promise<[note: string | undefined, cache: string | undefined]> {
    const trace = new ReadTrace();
    const note = await this.cache.read({ id: 1 }, trace, async () => {
      const row = await this.database.use((connection) => connection.get<{ note: string }>('SELECT note FROM notes'));
      await pause?.();
      return row?.note;
    });
    return [note, trace.cache];
  }

  async write(note: string, pause?: () => void): Promise<void> {
    await this.#writes.submit([1], (connection) => {
      connection.run('UPDATE notes SET note = ?', note);
      pause?.();
    });
  }

  /** What the fence of a write is worth: begins, and gives the rest to do by hand. */
  begin() {
    return this.cache.begin([1]);
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
  await migrate(await first.database.knex(), migrations);
  await first.database.use((connection) => {
    connection.run('CREATE TABLE notes (note TEXT)');
    connection.run("INSERT INTO notes VALUES ('old')");
  });
  assert.equal(await first.recovery.attempt(), true);
});
afterEach(() => Promise.all([first, second, third].map((process) => process.close())));

it('reads from the database, then from the cache, in every process', async () => {
  assert.deepEqual(await first.read(), ['old', 'miss']);
  assert.deepEqual(await first.read(), ['old', 'hit']);
  assert.deepEqual(await second.read(), ['old', 'hit']);
});

it('does not let a reader that was held up put the old value back', async () => {
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

it('does not answer what a write has committed from the cache before it has finished', async () => {
  await first.read();
  let between: unknown;
  first.store.trouble.set('finish', () => {
    between = second.read();
  });
  await first.write('new');
  assert.deepEqual(await between, ['new', 'miss']);
});

it('goes round a cache that a write can not reach, in every process, and comes back to it empty', async () => {
  await second.read();
  first.store.trouble.set('begin', () => {
    throw new Error('no answer');
  });
  first.store.trouble.set('clear', () => {
    throw new Error('no answer');
  });
  const start = performance.now();
  await first.write('new');
  assert.ok(performance.now() - start >= 100, 'it waits until everyone must have noticed');
  assert.deepEqual(await second.read(), ['new', 'bypass']);
  assert.deepEqual(await first.read(), ['new', 'bypass']);
  const again = performance.now();
  await first.write('newer');
  assert.ok(performance.now() - again < 90, 'it waits once');
  await comesBack(second, 'newer');
  assert.deepEqual(await first.read(), ['newer', 'hit']);
});

it('is safe when a write could not finish', async () => {
  await second.read();
  first.store.trouble.set('finish', () => {
    throw new Error('no answer');
  });
  await first.write('new');
  assert.deepEqual((await second.read())[0], 'new');
  first.store.trouble.clear();
  await comesBack(second, 'new');
});

it('makes a write begin anew when the cache was emptied between its begin and its commit', async () => {
  let held = 0;
  first.store.trouble.set('begin', () => held++);
  const permit = await first.begin();
  const { epoch } = await second.trust.refresh();
  await second.recovery.distrust(epoch, 'test');
  assert.equal(await second.recovery.attempt(), true);
  assert.equal(await first.database.use((connection) => permit.holds(connection)), false);
  await permit.finish();
  await first.write('new');
  assert.equal(held, 2);
  assert.deepEqual(await second.read(), ['new', 'miss']);
});

it('does not commit round the cache once the cache is trusted again', async () => {
  const { epoch } = await first.trust.refresh();
  await first.recovery.distrust(epoch, 'test');
  const permit = await second.begin();
  await first.recovery.attempt();
  assert.equal(await second.database.use((connection) => permit.holds(connection)), false);
});

it('empties the cache when a writer died with its tombstones in place', async (test) => {
  await first.read();
  await second.begin();
  assert.deepEqual(await first.read(), ['old', 'miss']);
  assert.deepEqual(await first.read(), ['old', 'miss']);
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 10_000 });
  assert.deepEqual(await first.read(), ['old', 'miss']);
  await comesBack(first, 'old');
});

it('gives way to the process that took a recovery over', async () => {
  const { epoch } = await first.trust.refresh();
  await first.recovery.distrust(epoch, 'test');
  let other: Promise<boolean> | undefined;
  first.store.trouble.set('clear', () => {
    first.store.trouble.delete('clear');
    other = second.recovery.attempt();
  });
  const own = await first.recovery.attempt();
  assert.ok(own || (await other));
  await other;
  await first.write('new');
  await comesBack(third, 'new');
});

it('notices a cache that is not the one it was', async () => {
  await first.read();
  for (const process of [first, second, third]) process.store.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${first.database.file}-cache${suffix}`, { force: true });
  assert.deepEqual(await first.read(), ['old', 'bypass']);
  await second.write('new');
  await comesBack(third, 'new');
});

async function comesBack(process: Process, expected: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const [note, cache] = await process.read();
    assert.equal(note, expected);
    if (cache === 'hit') return;
    assert.ok(performance.now() < deadline, 'the cache does not come back');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
