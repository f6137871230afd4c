import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../tests/support/until.ts';
import { watchFolders } from './watch-folders.ts';

/** Watches a folder with one file. `first` resolves with the first report, and `change` with the next one. */
async function watched(
  t: TestContext,
  { prepare = () => {}, since = Number.POSITIVE_INFINITY }: { prepare?: (folder: string) => void; since?: number } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-watch-'));
  mkdirSync(join(folder, 'one'));
  const file = join(folder, 'one/handler.ts');
  writeFileSync(file, '0');
  prepare(folder);
  let reported = Promise.withResolvers<string[]>();
  const first = reported.promise;
  const watcher = await watchFolders(
    [folder],
    (paths) => {
      const { resolve } = reported;
      reported = Promise.withResolvers();
      resolve(paths);
    },
    since,
  );
  t.after(async () => {
    await watcher.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, file, watcher, first, change: () => reported.promise };
}

test('each save is reported, whether it writes the file or replaces it', async (t) => {
  const { folder, file, change } = await watched(t);
  for (const text of ['1', '2', '3']) {
    const replaced = change();
    writeFileSync(join(folder, 'one/handler.ts~'), text);
    renameSync(join(folder, 'one/handler.ts~'), file);
    await replaced;
    const removed = change();
    rmSync(file);
    await removed;
    const written = change();
    writeFileSync(file, text);
    await written;
  }
});

test('a closed watch takes no more folders, so that the process can end', async (t) => {
  const { folder, watcher } = await watched(t);
  await watcher.close();
  watcher.add([folder]);
  // Another watch of the same folder is ready later than that one would be.
  const other = await watchFolders([folder], () => {}, Number.POSITIVE_INFINITY);
  await other.close();
  await until('nothing is watched', () => !process.getActiveResourcesInfo().includes('FSEventWrap'));
});

test('each report names the files that have changed since the last one', async (t) => {
  const { folder, file, change } = await watched(t);
  const made = change();
  mkdirSync(join(folder, 'two'));
  assert.deepEqual(await made, [join(folder, 'two')]);
  const written = change();
  writeFileSync(file, '1');
  assert.deepEqual(await written, [file]);
});

test('a file that changes again right after a report is reported again', async (t) => {
  const { file, change } = await watched(t);
  const saved = change();
  writeFileSync(file, '1');
  await saved;
  const formatted = change();
  writeFileSync(file, '22');
  assert.deepEqual(await formatted, [file]);
});

test('a file that changed before the watch began is reported, if that was after a given time', async (t) => {
  const since = Date.now();
  const { file, first } = await watched(t, {
    since,
    prepare(folder) {
      const path = join(folder, 'one/handler.ts');
      utimesSync(path, new Date(since), new Date(since));
      utimesSync(join(folder, 'one'), 0, 0);
      writeFileSync(join(folder, 'old.ts'), '');
      utimesSync(join(folder, 'old.ts'), 0, 0);
      utimesSync(folder, 0, 0);
    },
  });
  assert.deepEqual(await first, [file]);
});

test('a new folder is watched too', async (t) => {
  const { folder, change } = await watched(t);
  const made = change();
  mkdirSync(join(folder, 'two'));
  await made;
  const written = change();
  writeFileSync(join(folder, 'two/handler.ts'), '1');
  await written;
});

test('changes of tests and of temporary files are not reported', async (t) => {
  const { file, change } = await watched(t);
  let changes = 0;
  const count = () => change().then(() => changes++);
  const first = count();
  for (const name of ['handler.test.ts', 'handler.ts~', '.handler.ts.swp']) writeFileSync(join(file, '..', name), '');
  // A report of the earlier changes would come with this one, or before it.
  writeFileSync(file, '1');
  await first;
  assert.equal(changes, 1);
});

test('a link that leads to itself keeps no other file from being watched', async (t) => {
  t.mock.method(process.stderr, 'write', () => true);
  const { file, change } = await watched(t, { prepare: (folder) => symlinkSync('self', join(folder, 'self')) });
  const saved = change();
  writeFileSync(file, '1');
  assert.deepEqual(await saved, [file]);
});

test('links that lead back are not followed, and other linked folders are watched', async (t) => {
  const { folder, change } = await watched(t, {
    prepare: (folder) => {
      mkdirSync(join(folder, 'two'));
      mkdirSync(join(folder, '.shared'));
      writeFileSync(join(folder, '.shared/lib.ts'), '0');
      // Each pair of such links doubles the number of ways at every step.
      for (const name of ['self', 'again']) symlinkSync('.', join(folder, name));
      symlinkSync('../two', join(folder, 'one/two'));
      symlinkSync('../one', join(folder, 'two/one'));
      symlinkSync('/', join(folder, 'one/root'));
      symlinkSync('../.shared', join(folder, 'one/lib'));
    },
  });
  const saved = change();
  writeFileSync(join(folder, '.shared/lib.ts'), '1');
  assert.deepEqual((await saved).sort(), [join(folder, 'one/lib/lib.ts'), join(folder, 'two/one/lib/lib.ts')]);
});
