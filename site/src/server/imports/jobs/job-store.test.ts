import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Job, noCounts } from './job.ts';
import { ImportGone, JobStore, TooManyImports } from './job-store.ts';

let dataFolder: string;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'job-store-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

const settings = () => ({ dataFolder, maxImports: 2, maxDrafts: 2, importDays: 7 });

async function add(store: JobStore, values: Partial<Job> = {}): Promise<Job> {
  const job: Job = {
    id: await store.makeFolder(),
    createdAt: new Date().toISOString(),
    fileName: 'people.csv',
    sheets: [],
    mapping: { columns: ['name', 'email'], isConfident: true },
    head: [],
    emailColumns: [],
    columns: 2,
    rows: 0,
    step: 'check',
    state: 'waiting',
    updates: false,
    ...structuredClone(noCounts),
    finished: 0,
    total: 0,
    uncertain: 0,
    seen: false,
    ...values,
  };
  await store.add(job);
  return job;
}

test('another start finds the stored jobs, and removes uploads that never became one', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  const upload = await store.makeFolder();
  const next = new JobStore(settings());
  assert.deepEqual(await next.load(), [job]);
  assert.deepEqual(next.get(job.id), job);
  assert.equal(existsSync(next.uploadPath(upload)), false);
});

test('a job whose file a crash has cut is removed, and the others stay', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  mkdirSync(join(dataFolder, 'imports', 'A'.repeat(22)));
  writeFileSync(join(dataFolder, 'imports', 'A'.repeat(22), 'job.json'), '{"id":');
  assert.deepEqual(await new JobStore(settings()).load(), [job]);
});

test('the oldest draft that is neither at work nor in use gives way to a new one', async () => {
  const store = new JobStore(settings());
  const working = await add(store, { state: 'working' });
  const idle = await add(store);
  const newest = await add(store);
  assert.deepEqual([store.get(working.id), store.get(idle.id), store.get(newest.id)], [working, undefined, newest]);
  await store.use(newest, () => assert.rejects(add(store), TooManyImports));
  await add(store);
  assert.equal(store.get(newest.id), undefined);
});

test('an import gives way neither to uploads nor to drafts, but to a newer import', async () => {
  const store = new JobStore(settings());
  const imports = [
    await add(store, { step: 'import', state: 'done' }),
    await add(store, { step: 'undo', state: 'done' }),
  ];
  const kept = () => imports.map(({ id }) => store.get(id));
  for (let count = 0; count < 5; count++) {
    await store.makeFolder();
    await add(store);
  }
  assert.deepEqual(kept(), imports);
  await store.makeRoomForImport(await add(store));
  assert.deepEqual(kept(), [undefined, imports[1]]);
});

test('the jobs of a client give way to each other, and to those of clients with fewer', async () => {
  const store = new JobStore({ ...settings(), maxDrafts: 3, maxImports: 3 });
  const step = { step: 'import', state: 'done' } as const;
  const [draft, done] = [await add(store, { client: 'one' }), await add(store, { client: 'one', ...step })];
  for (let count = 0; count < 20; count++) {
    await add(store, { client: 'many' });
    const next = await add(store, { client: 'many' });
    await store.makeRoomForImport(next);
    await store.save(Object.assign(next, step));
  }
  assert.deepEqual([store.get(draft.id), store.get(done.id)], [draft, done]);
  // A client with many jobs that cannot give way gets no more, whatever others have.
  const working = await add(store, { client: 'busy', state: 'working' });
  await assert.rejects(add(store, { client: 'busy' }), TooManyImports);
  assert.deepEqual([store.get(draft.id), store.get(working.id)], [draft, working]);
});

test('a client has the same name after a restart, and another one in another folder', async () => {
  const [store, next] = [new JobStore(settings()), new JobStore(settings())];
  await store.load();
  await next.load();
  assert.equal(store.nameOf('192.0.2.1'), next.nameOf('192.0.2.1'));
  assert.notEqual(store.nameOf('192.0.2.1'), store.nameOf('192.0.2.2'));
  assert.notEqual(store.nameOf('192.0.2.1'), new JobStore(settings()).nameOf('192.0.2.1'));
});

test('a job that was removed cannot be saved or used, and does not come back', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  await store.remove(job.id);
  await assert.rejects(store.save(job), ImportGone);
  await assert.rejects(
    store.use(job, async () => {}),
    ImportGone,
  );
  assert.equal(store.get(job.id), undefined);
});

test('a job is removed after the days of the setting', async () => {
  const store = new JobStore(settings());
  const old = await add(store, { createdAt: new Date(Date.now() - 8 * 86_400_000).toISOString() });
  const recent = await add(store, { createdAt: new Date(Date.now() - 6 * 86_400_000).toISOString() });
  assert.deepEqual(await new JobStore(settings()).load(), [recent]);
  assert.equal(existsSync(join(dataFolder, 'imports', old.id)), false);
});

test('saves of one job at the same time keep the last of them', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  await Promise.all([1, 2, 3].map((rows) => store.save(Object.assign(job, { rows }))));
  const [loaded] = await new JobStore(settings()).load();
  assert.equal(loaded?.rows, 3);
});

test('a name that is no id of a job finds nothing', () => {
  assert.equal(new JobStore(settings()).get('../../etc'), undefined);
});
