/** The jobs against an API over HTTP that keeps its users in memory and fails where a test says so. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { languages } from '../../../i18n/index.ts';
import { createApi } from '../../../lib/api-client.ts';
import { groupOf, rowText } from '../../../lib/import-texts.ts';
import { defaultLimits } from '../table/table.ts';
import { ApiStandIn, type Failure } from './api-stand-in.ts';
import { createBatchRequests } from './batch-requests.ts';
import { createImports } from './imports.ts';
import { type Job, rowsNotTried } from './job.ts';
import { JobRunner } from './job-runner.ts';
import { JobStore } from './job-store.ts';
import { reportRows } from './report.ts';

let dataFolder: string;
let api: ApiStandIn;
const waits: number[] = [];

beforeEach(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'job-runner-'));
  api = await ApiStandIn.start();
  waits.length = 0;
});
afterEach(async () => {
  await api.stop();
  rmSync(dataFolder, { recursive: true });
});

/** Starts the imports of a site. A second call is a restart with the same data. */
async function startSite({ onPause = () => {} }: { onPause?: () => void } = {}) {
  const store = new JobStore({ dataFolder, maxImports: 5, maxDrafts: 5, importDays: 7 });
  const errors: unknown[] = [];
  const runner = new JobRunner({
    store,
    pause: async (ms) => {
      waits.push(ms);
      onPause();
    },
    report: (error) => errors.push(error),
  });
  const requests = createBatchRequests(createApi(new URL(api.url), 60_000));
  await runner.recover(await store.load());
  const imports = createImports({
    store,
    runner,
    maxUploadBytes: 10_000_000,
    tableLimits: defaultLimits,
    maxWaitingReads: 5,
  });
  return { store, runner, imports, errors, requests };
}

type Site = Awaited<ReturnType<typeof startSite>>;

function people(count: number, first = 0): string {
  const lines = Array.from({ length: count }, (_, at) => `Person ${first + at},person${first + at}@example.com`);
  return ['name,email', ...lines].join('\n');
}

/** Uploads a file and waits for the end of its check. */
async function check({ imports, runner, requests }: Site, text: string): Promise<Job> {
  const form = new FormData();
  form.set('text', text);
  const visit = { client: 'client', owner: undefined, requests };
  const job = await imports.upload(new Request('http://site.test/import', { method: 'POST', body: form }), visit);
  await runner.ended(job);
  return job;
}

async function act({ imports, runner, requests }: Site, job: Job, action: string, updates = false): Promise<void> {
  await imports.act(job, action, updates, requests);
  await runner.ended(job);
}

/** Imports people until the answer to the first batch is lost, and stops there. */
async function importWithoutAnswer(count: number, updates = false): Promise<{ site: Site; job: Job }> {
  let stop = () => {};
  const site = await startSite({ onPause: () => stop() });
  const job = await check(site, people(count));
  stop = () => site.runner.stop(job);
  api.failures.push('lost-answer');
  await act(site, job, 'import', updates);
  stop = () => {};
  return { site, job };
}

test('the check puts each row into one group and writes nothing', async () => {
  api.add('Old Name', 'exists@example.com');
  api.add('Same', 'same@example.com');
  const rows = ['New,new@example.com', 'New Name,EXISTS@example.com', 'Same,same@example.com', ',a@example.com'];
  const more = ['Bad,nowhere', 'Twice,NEW@example.com', 'Refused,refused@example.com'];
  const site = await startSite();
  const job = await check(site, ['name,email', ...rows, ...more].join('\n'));
  assert.equal(job.state, 'done');
  assert.deepEqual(job.checked, { created: 1, existing: 1, same: 1, faulty: 3, twice: 1 });
  assert.equal(api.users.size, 2);
});

test('an import of several batches creates each row once, and the undo removes them again', async () => {
  const site = await startSite();
  const job = await check(site, people(2_500));
  assert.equal(job.checked.created, 2_500);
  await act(site, job, 'import');
  assert.deepEqual([job.step, job.state], ['import', 'done']);
  assert.deepEqual(job.imported, { created: 2_500, updated: 0, refused: 0 });
  assert.equal(api.users.size, 2_500);

  const changed = [...api.users.values()][7];
  assert.ok(changed);
  api.change(changed.id, 'Changed since');
  api.users.delete('person1500@example.com');
  assert.equal(api.users.size, 2_499);
  await act(site, job, 'undo');
  assert.deepEqual([job.step, job.state], ['undo', 'done']);
  assert.deepEqual(job.undone, { deleted: 2_498, restored: 0, kept: 2 });
  assert.deepEqual(
    [...api.users.values()].map(({ name }) => name),
    ['Changed since'],
  );
  const kept = [];
  for await (const report of reportRows(site.store, job))
    if (report.undone?.kind === 'kept') kept.push(report.row.line);
  assert.deepEqual(kept, [9, 1502]);
});

test('existing users are updated only if the reader chose so, and the undo gives them their names back', async () => {
  const first = api.add('First Old', 'first@example.com');
  const second = api.add('Second Old', 'second@example.com');
  const text = 'name,email\nFirst New,first@example.com\nSecond New,second@example.com\nThird,third@example.com';
  const site = await startSite();
  const cautious = await check(site, text);
  await act(site, cautious, 'import');
  assert.deepEqual(cautious.imported, { created: 1, updated: 0, refused: 0 });
  assert.equal(first.name, 'First Old');
  await act(site, cautious, 'undo');

  const job = await check(site, text);
  await act(site, job, 'import', true);
  assert.deepEqual(job.imported, { created: 1, updated: 2, refused: 0 });
  assert.equal(first.name, 'First New');
  api.change(second.id, 'Second Changed');
  await act(site, job, 'undo');
  assert.deepEqual(job.undone, { deleted: 1, restored: 1, kept: 1 });
  assert.deepEqual([first.name, second.name], ['First Old', 'Second Changed']);
});

test('a user keeps an address that breaks the rules for new ones, and gets the name of the file', async () => {
  const user = api.add('Old Name', '"mary ann"@example.com');
  const site = await startSite();
  const job = await check(site, 'Name;E-mail\nNew Name;"""mary ann""@example.com"\nNew;new@example.com');
  assert.deepEqual([job.checked.existing, job.checked.created], [1, 1]);
  await act(site, job, 'import', true);
  assert.equal(user.name, 'New Name');
});

test('an undo gives back the version that its own import replaced, and leaves the one of a later import', async () => {
  const user = api.add('First', 'user@example.com');
  const site = await startSite();
  const jobs: Job[] = [];
  for (const name of ['Second', 'Third']) {
    const job = await check(site, `name,email\n${name},user@example.com`);
    await act(site, job, 'import', true);
    jobs.push(job);
  }
  const [earlier, later] = jobs as [Job, Job];
  assert.deepEqual([user.name, user.version], ['Third', 3]);
  await act(site, earlier, 'undo');
  assert.deepEqual([earlier.undone, user.name], [{ deleted: 0, restored: 0, kept: 1 }, 'Third']);
  await act(site, later, 'undo');
  assert.deepEqual([later.undone, user.name], [{ deleted: 0, restored: 1, kept: 0 }, 'Second']);
});

test('an undo leaves users alone that got an id and a version of the import after a backup was restored', async () => {
  const backup = [{ ...api.add('Old', 'old@example.com') }];
  const site = await startSite();
  const job = await check(site, 'name,email\nNew,old@example.com\nSecond,second@example.com\nThird,third@example.com');
  await act(site, job, 'import', true);
  assert.deepEqual(job.imported, { created: 2, updated: 1, refused: 0 });
  api.restoreBackup(backup);
  api.change(1, 'Changed later');
  for (const { id, version } of [api.add('Another', 'another@example.com'), api.add('Third', 'third@example.com')]) {
    assert.ok(id <= 3 && version === 1);
  }
  await act(site, job, 'undo');
  assert.deepEqual(job.undone, { deleted: 1, restored: 0, kept: 2 });
  assert.deepEqual(
    [...api.users.values()].map(({ name }) => name),
    ['Changed later', 'Another'],
  );
});

test('a user that appeared after the check is refused and not updated, because the reader has not seen it', async () => {
  const site = await startSite();
  const job = await check(site, 'name,email\nMine,new@example.com');
  const theirs = api.add('Theirs', 'new@example.com');
  await act(site, job, 'import', true);
  assert.deepEqual(job.imported, { created: 0, updated: 0, refused: 1 });
  assert.equal(theirs.name, 'Theirs');
});

test('an overloaded API is asked again after the time that it names', async () => {
  const site = await startSite();
  const job = await check(site, people(10));
  api.failures.push({ status: 429, retryAfter: 7 }, { status: 503, retryAfter: 3 });
  await act(site, job, 'import');
  assert.deepEqual(waits, [7_000, 3_000]);
  assert.equal(job.imported.created, 10);
});

test('a batch whose answer is lost is sent again under its key and makes no twins', async () => {
  const site = await startSite();
  const job = await check(site, people(1_500));
  api.failures.push('lost-answer');
  await act(site, job, 'import');
  assert.deepEqual(job.imported, { created: 1_500, updated: 0, refused: 0 });
  assert.equal(api.users.size, 1_500);
});

test('a stop while the answer is lost says which rows are uncertain, and going on finds out', async () => {
  let stop = () => {};
  const site = await startSite({ onPause: () => stop() });
  const job = await check(site, people(2_500));
  stop = () => site.runner.stop(job);
  api.failures.push(undefined, 'lost-answer');
  await act(site, job, 'import');
  assert.deepEqual([job.state, job.reason, job.uncertain], ['stopped', 'person', 1_000]);
  assert.equal(job.imported.created, 1_000);
  assert.equal(api.users.size, 2_000, 'the API has written the batch');

  await act(site, job, 'go-on');
  assert.deepEqual([job.state, job.uncertain], ['done', 0]);
  assert.equal(job.imported.created, 2_500);
  assert.equal(api.users.size, 2_500);
});

test('an undo of an uncertain import undoes the uncertain batch, too', async () => {
  const { site, job } = await importWithoutAnswer(1_500);
  assert.deepEqual([job.imported.created, api.users.size], [0, 1_000]);
  await act(site, job, 'undo');
  assert.deepEqual([job.undone.deleted, api.users.size], [1_000, 0]);
});

test('an undo leaves users alone of which the API no longer knows whether the import wrote them, and names them', async () => {
  const old = api.add('Old', 'person0@example.com');
  const { site, job } = await importWithoutAnswer(1_500, true);
  assert.deepEqual([job.uncertain, api.users.size], [1_000, 1_000]);
  api.forget();
  await act(site, job, 'undo', true);
  assert.deepEqual([job.state, job.undone], ['done', { deleted: 0, restored: 1, kept: 999 }]);
  assert.deepEqual([api.users.size, old.name], [1_000, 'Old']);
  const texts = new Set<string>();
  for await (const row of reportRows(site.store, job)) texts.add(rowText(row, job, languages.en));
  assert.ok(texts.has(languages.en.importing.forgotten), [...texts].join('\n'));
});

test('an undo that goes on after a restart imports no further batch', async () => {
  const { site, job } = await importWithoutAnswer(2_500);
  const crashed = new Promise<void>((resolve) => {
    api.failures.push(undefined, 'never-answer');
    api.onBatch = (number) => number === 3 && resolve();
  });
  await site.imports.act(job, 'undo', false, site.requests);
  await crashed;

  const next = await startSite();
  const found = next.store.get(job.id);
  assert.ok(found);
  assert.equal(found.imported.created, 1_000);
  await act(next, found, 'go-on');
  assert.deepEqual([found.state, found.undone.deleted, api.users.size], ['done', 1_000, 0]);
  site.runner.stop(job);
});

test('a stop amid a batch that writes new and existing users waits for both', async () => {
  api.add('Old', 'person0@example.com');
  const site = await startSite();
  const job = await check(site, people(1_500));
  api.onBatch = () => site.runner.stop(job);
  await act(site, job, 'import', true);
  assert.deepEqual([job.state, job.uncertain], ['stopped', 0]);
  assert.deepEqual(job.imported, { created: 999, updated: 1, refused: 0 });
});

const refusals: [string, ...Failure[]][] = [
  ['after its new users were written', undefined, { status: 401 }],
  ['after an answer was lost', 'lost-answer', { status: 403 }],
];
for (const [when, ...failures] of refusals) {
  test(`a batch that the API refuses ${when} is uncertain, and the undo takes it back`, async () => {
    api.add('Old', 'person0@example.com');
    const site = await startSite();
    const job = await check(site, people(1_500));
    api.failures.push(...failures);
    await act(site, job, 'import', true);
    assert.deepEqual([job.uncertain, api.users.size], [1_000, 1_000]);
    await act(site, job, 'undo');
    assert.deepEqual([job.state, [...api.users.values()].map(({ name }) => name)], ['done', ['Old']]);
  });
}

test('a stop takes effect between two batches, and counts what was not tried', async () => {
  const site = await startSite();
  const job = await check(site, people(3_000));
  api.onBatch = () => site.runner.stop(job);
  await act(site, job, 'import');
  assert.deepEqual([job.state, job.reason, job.uncertain], ['stopped', 'person', 0]);
  assert.deepEqual([job.imported.created, rowsNotTried(job)], [1_000, 2_000]);
  assert.equal(api.users.size, 1_000);
  // npm run erase removes every import that still has its file, since nobody can read there who is in it.
  assert.equal(existsSync(site.store.uploadPath(job.id)), false);
});

test('an import whose session ends stops after the batch, and goes on with another session', async () => {
  const site = await startSite();
  const job = await check(site, people(2_500));
  api.failures.push(undefined, { status: 401 });
  await act(site, job, 'import');
  assert.deepEqual([job.state, job.reason, job.imported.created, job.uncertain], ['stopped', 'signedOut', 1_000, 0]);
  await act(site, job, 'go-on');
  assert.deepEqual([job.state, job.imported.created, api.users.size], ['done', 2_500, 2_500]);
});

test('after a restart in the middle the job says that it was interrupted, and goes on without twins', async () => {
  const site = await startSite();
  const job = await check(site, people(3_000));
  // The first site never gets the answer to the second batch: it ends before.
  const crashed = new Promise<void>((resolve) => {
    api.failures.push(undefined, 'never-answer');
    api.onBatch = (number) => number === 2 && resolve();
  });
  await site.imports.act(job, 'import', false, site.requests);
  await crashed;
  assert.equal(api.users.size, 2_000);
  api.onBatch = () => {};

  const next = await startSite();
  const found = next.store.get(job.id);
  assert.ok(found);
  assert.deepEqual([found.state, found.reason], ['stopped', 'restart']);
  assert.deepEqual([found.imported.created, found.uncertain, rowsNotTried(found)], [1_000, 1_000, 2_000]);
  await act(next, found, 'go-on');
  assert.deepEqual([found.state, found.imported.created], ['done', 3_000]);
  assert.equal(api.users.size, 3_000);
  // The first site of this test still waits. A real one is gone.
  site.runner.stop(job);
});

test('a job whose results cannot be read after a restart says so, and the others are there', async () => {
  const site = await startSite();
  const jobs = [await check(site, people(3)), await check(site, people(3, 3))] as [Job, Job];
  for (const job of jobs) await site.store.save(Object.assign(job, { step: 'import', state: 'working' }));
  mkdirSync(join(dataFolder, 'imports', jobs[0].id, 'import.ndjson'));
  const { store } = await startSite();
  assert.deepEqual(
    jobs.map(({ id }) => store.get(id)).map((job) => [job?.state, job?.reason]),
    [
      ['failed', 'disk'],
      ['stopped', 'restart'],
    ],
  );
});

test('an API that keeps failing ends the step, which can go on later', async () => {
  const site = await startSite();
  const job = await check(site, people(5));
  api.failures.push(...Array.from({ length: 8 }, () => ({ status: 500 })));
  await act(site, job, 'import');
  assert.deepEqual([job.state, job.reason], ['failed', 'refused']);
  await act(site, job, 'go-on');
  assert.deepEqual([job.state, job.imported.created], ['done', 5]);
});

test('results that cannot be stored end the step with the reason', async () => {
  const site = await startSite();
  const job = await check(site, people(5));
  api.onBatch = () => rmSync(join(dataFolder, 'imports', job.id), { recursive: true });
  await act(site, job, 'import');
  assert.deepEqual([job.state, job.reason], ['failed', 'disk']);
  assert.ok(site.errors.length > 0);
});

test('a batch whose results the disk does not take is uncertain, and the undo takes it back', async () => {
  const site = await startSite();
  const job = await check(site, people(2_500));
  const results = join(dataFolder, 'imports', job.id, 'import.ndjson');
  api.onBatch = (number) => {
    if (number !== 2) return;
    renameSync(results, `${results}.kept`);
    symlinkSync('/dev/full', results);
  };
  await act(site, job, 'import');
  renameSync(`${results}.kept`, results);
  assert.deepEqual([job.state, job.reason, job.imported.created], ['failed', 'disk', 1_000]);
  assert.deepEqual([job.uncertain, api.users.size], [1_000, 2_000]);
  const groups: Record<string, number> = {};
  for await (const row of reportRows(site.store, job)) {
    const group = groupOf(row, job);
    groups[group] = (groups[group] ?? 0) + 1;
  }
  assert.deepEqual(groups, { created: 1_000, uncertain: 1_000, notTried: 500 });

  await act(site, job, 'undo');
  assert.deepEqual([job.state, job.undone.deleted, api.users.size], ['done', 2_000, 0]);
});

test('a job keeps its titles and the rows below them, however many rows stand above', async () => {
  const above = Array.from({ length: 20 }, (_, at) => `Line ${at};;`);
  const site = await startSite();
  const job = await check(site, [...above, 'Name;E-mail;Phone', 'Ana;ana@example.com;1', 'Bia;;2'].join('\n'));
  assert.deepEqual(job.head[job.mapping.headerRow ?? -1]?.cells, ['Name', 'E-mail', 'Phone']);
  assert.equal(job.head.length, 23);
});

test('a button of an outdated page does nothing', async () => {
  const site = await startSite();
  const job = await check(site, people(3));
  await act(site, job, 'undo');
  await act(site, job, 'go-on');
  assert.deepEqual([job.step, job.state], ['check', 'done']);
  await act(site, job, 'import');
  await act(site, job, 'import');
  assert.equal(api.users.size, 3);
});
