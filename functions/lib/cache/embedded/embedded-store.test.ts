/** The embedded cache when its file is replaced, damaged or locked. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, it } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import type { CacheKey } from '../keys.ts';
import { EmbeddedStore } from './embedded-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'cadastro-embedded-'));
after(() => rmSync(folder, { recursive: true }));

const users = { name: 'users', item: 'user' };
const user = (id: number): CacheKey => ({ resource: users, id });
const epoch = 'epoch';

let file: string;
let store: EmbeddedStore;
let count = 0;
beforeEach(async () => {
  file = join(folder, `${count++}.db-cache`);
  store = await open();
});
afterEach(() => store.close());

async function open(): Promise<EmbeddedStore> {
  const opened = new EmbeddedStore(file);
  await opened.ready();
  await opened.claim('claim');
  await opened.clear('claim');
  await opened.open('claim', epoch);
  return opened;
}

function fill(id: number, value: string): void {
  store.lease(user(id), epoch, 'token');
  store.fill(user(id), epoch, 'token', value);
}

/** Takes the write lock of the file, as another program may. @returns a function that releases the lock */
function lock(): () => void {
  const other = new BetterSqlite3(file);
  other.exec('BEGIN IMMEDIATE');
  return () => other.close();
}

it('is the same instance until its file is replaced', async () => {
  const first = store.instance;
  await store.ready();
  assert.equal(store.instance, first);
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  await store.ready();
  assert.ok(store.instance);
  assert.notEqual(store.instance, first);
});

it('replaces a file that is not a database, and is another instance then', async () => {
  const first = store.instance;
  store.close();
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  writeFileSync(file, 'not a database\n'.repeat(1000));
  await store.ready();
  assert.ok(store.instance);
  assert.notEqual(store.instance, first);
  assert.equal(store.get(user(1)), null);
});

it('replaces a file whose damage it finds while it reads, and is another instance then', async () => {
  for (let id = 1; id <= 200; id++) fill(id, `{"text":"${'x'.repeat(2000)}"}`);
  const first = store.instance;
  store.close();
  const bytes = readFileSync(file);
  // The schema and the table `instance` are in the first pages, so the file still opens.
  bytes.fill(0xff, 16 * 4096);
  writeFileSync(file, bytes);
  await store.ready();
  assert.equal(store.instance, first);
  assert.throws(() => {
    for (let id = 1; id <= 200; id++) store.get(user(id));
  }, /malformed|corrupt/i);
  assert.equal(store.instance, undefined);
  await store.ready();
  assert.ok(store.instance);
  assert.notEqual(store.instance, first);
  assert.equal(store.get(user(1)), null);
});

it('writes once another program lets its lock go, and serves hits meanwhile', async () => {
  fill(2, '{"id":2}');
  const { instance } = store;
  const unlock = lock();
  let begun = false;
  const begin = store.begin(epoch, 'write', [{ resource: users, ids: [1] }]).then((result) => {
    begun = true;
    return result;
  });
  // The write has failed to get the lock at least once.
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(begun, false);
  assert.equal(store.get(user(2)), '{"id":2}');
  assert.throws(() => store.lease(user(3), epoch, 'reader'), { code: 'SQLITE_BUSY' });
  assert.throws(() => store.lease(user(3), epoch, 'reader'), { name: 'CacheFileLocked' });
  assert.equal(store.instance, instance);
  unlock();
  assert.equal(await begin, true);
  assert.match(store.get(user(1)) ?? '', /^~write:/);
});

it('fails a write when another program keeps its lock', async () => {
  const unlock = lock();
  await assert.rejects(store.begin(epoch, 'write', [{ resource: users, ids: [1] }]), { code: 'SQLITE_BUSY' });
  unlock();
});
