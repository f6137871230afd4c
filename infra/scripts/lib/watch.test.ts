import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { watchFolders } from './watch.ts';

/** Watches a new folder with one file. @returns paths, and `change`, which resolves with the next reported changes */
async function watched(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-watch-'));
  mkdirSync(join(folder, 'one'));
  const file = join(folder, 'one/handler.ts');
  writeFileSync(file, '0');
  let told = Promise.withResolvers<string[]>();
  const watcher = await watchFolders([folder], (paths) => {
    const { resolve } = told;
    told = Promise.withResolvers();
    resolve(paths);
  });
  t.after(async () => {
    await watcher.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, file, change: () => told.promise };
}

test('each save is told, whether it writes the file or replaces it', async (t) => {
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

test('it is told what changed, each time anew', async (t) => {
  const { folder, file, change } = await watched(t);
  const made = change();
  mkdirSync(join(folder, 'two'));
  assert.deepEqual(await made, [join(folder, 'two')]);
  const written = change();
  writeFileSync(file, '1');
  assert.deepEqual(await written, [file]);
});

test('a new folder is watched as well', async (t) => {
  const { folder, change } = await watched(t);
  const made = change();
  mkdirSync(join(folder, 'two'));
  await made;
  const written = change();
  writeFileSync(join(folder, 'two/handler.ts'), '1');
  await written;
});

test('tests and what editors put beside a file are no changes', async (t) => {
  const { file, change } = await watched(t);
  let changes = 0;
  const count = () => change().then(() => changes++);
  const first = count();
  for (const name of ['handler.test.ts', 'handler.ts~', '.handler.ts.swp']) writeFileSync(join(file, '..', name), '');
  // A report about an ignored file would come with this change or before it.
  writeFileSync(file, '1');
  await first;
  assert.equal(changes, 1);
});
