import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { BatchLog } from './batch-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'batch-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function all<Item>(log: BatchLog<Item>): Promise<Item[][]> {
  const batches: Item[][] = [];
  for await (const batch of log.read()) batches.push(batch);
  return batches;
}

test('batches return as they were added, whatever their text', async () => {
  const log = new BatchLog<string>(join(folder, 'log'));
  assert.deepEqual(await all(log), []);
  await log.append(['a\nb', 'c\u2028d\u2029e']);
  await log.append([]);
  await log.append(['f']);
  assert.deepEqual(await all(log), [['a\nb', 'c\u2028d\u2029e'], [], ['f']]);
});

test('a last line that a crash has cut is left out, and the next batch takes its place', async () => {
  const path = join(folder, 'log');
  const log = new BatchLog<string>(path);
  await log.append(['first']);
  appendFileSync(path, '["cut o');
  assert.deepEqual(await all(log), [['first']]);
  assert.equal(await log.repair(), 1);
  await log.append(['second']);
  assert.deepEqual(await all(log), [['first'], ['second']]);
});
