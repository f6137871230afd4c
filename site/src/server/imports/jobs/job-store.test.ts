import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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

test('a data folder that cannot be created is an error, also below /proc', async () => {
  for (const parent of ['/proc', join(dataFolder, 'file')]) {
    writeFileSync(join(dataFolder, 'file'), '');
    const store = new JobStore({ ...settings(), dataFolder: join(parent, 'a/b') });
    await assert.rejects(store.load(), { code: /^E/ });
    await assert.rejects(store.makeFolder(), { code: /^E/ });
  }
});

/** Puts a `job.json` into the folder of a job. */
function writeJobFile(id: string, text: string): string {
  const folder = join(dataFolder, 'imports', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'job.json'), text);
  return folder;
}

test('a job that cannot be read stays on the disk and is named, and the others are found', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  const { emailColumns, ...incomplete } = job;
  const texts = [
    '{"id":',
    'null',
    JSON.stringify({ form: 1, ...incomplete }),
    JSON.stringify({ ...job, form: 99 }),
    JSON.stringify({ ...job, form: 'x' }),
    // A copy of a folder would be saved into the folder of the original.
    JSON.stringify(job),
  ];
  const ids = texts.map((_, at) => String(at).padStart(22, 'A'));
  const folders = texts.map((text, at) => writeJobFile(ids[at] as string, text));
  const next = new JobStore(settings());
  const errors: unknown[] = [];
  assert.deepEqual(await next.load((error) => errors.push(error)), [job]);
  assert.deepEqual(
    ids.map((id) => [next.isUnreadable(id), next.get(id)]),
    ids.map(() => [true, undefined]),
  );
  assert.deepEqual(
    errors.map((error) => String((error as Error).message)),
    ids.map((id) => `The import ${id} cannot be read, and its folder stays.`),
  );
  assert.equal(next.isUnreadable(job.id), false);

  // Nobody has changed the first one for longer than the days of the setting.
  const longAgo = new Date(Date.now() - 8 * 86_400_000);
  utimesSync(folders[0] as string, longAgo, longAgo);
  const later = new JobStore(settings());
  await later.load();
  assert.deepEqual(folders.map(existsSync), [false, true, true, true, true, true]);
  assert.equal(later.isUnreadable(ids[0]), false);
});

test('a job of the first version of the site goes on', async () => {
  const store = new JobStore(settings());
  const job = await add(store, { head: [{ line: 1, cells: ['name', 'email'] }] });
  const { emailColumns, client, ...stored } = job;
  writeJobFile(job.id, JSON.stringify({ ...stored, head: [['name', 'email']] }));
  const next = new JobStore(settings());
  const [found] = await next.load();
  assert.deepEqual(found, job);
  await next.save(found as Job);
  assert.deepEqual(await new JobStore(settings()).load(), [job]);
});

test('a folder that is no job stays', async () => {
  mkdirSync(join(dataFolder, 'imports', 'lost+found'), { recursive: true });
  await new JobStore(settings()).load();
  assert.ok(existsSync(join(dataFolder, 'imports', 'lost+found')));
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

test('a job whose folder an erasure has removed is gone', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  rmSync(join(dataFolder, 'imports', job.id), { recursive: true });
  assert.equal(store.get(job.id), undefined);
  await assert.rejects(store.save(job), ImportGone);
});

test('the end of a step counts as seen although the disk takes no note of it', async () => {
  const store = new JobStore(settings());
  const job = await add(store);
  mkdirSync(join(dataFolder, 'imports', job.id, 'job.json.new'));
  await assert.rejects(store.save(job), { code: 'EISDIR' });
  await store.markSeen(job);
  assert.equal(store.get(job.id)?.seen, true);
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
