import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Makes objects of which some live on for a while, as those of requests in flight do. */
const script = `
  const { limitNewSpace } = await import(process.argv[1]);
  const { getHeapSpaceStatistics } = await import('node:v8');
  if (process.argv[2] === 'limited') limitNewSpace();
  const alive = [];
  for (let turn = 0; turn < 300; turn++) {
    for (let i = 0; i < 10_000; i++) alive[(turn * 10_000 + i) % 100_000] = { turn, i, text: 'x' + i };
    await new Promise(setImmediate);
  }
  const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  console.log(space_size / 1024 / 1024);
`;

/** @returns MB of the space for new objects after a load */
async function newSpace(mode: string): Promise<number> {
  const args = ['--input-type=module', '-e', script, join(import.meta.dirname, 'heap.ts'), mode];
  return Number((await promisify(execFile)(process.execPath, args)).stdout);
}

test('the space for new objects grows no further than is enough for a load', async () => {
  const [limited, free] = await Promise.all([newSpace('limited'), newSpace('free')]);
  assert.ok(limited <= 64, `${limited} MB`);
  assert.ok(free > limited, `without the limit ${free} MB, with it ${limited}`);
});
