/** Events that the router sends ahead to a process which takes one at a time. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { anySeed, randomStream } from '../support/random.ts';
import { routerFor } from './environments.ts';

const rounds = 8;
const atOnce = 32;
/** Longer than the time in which the router learns how long the events of a process run (ms). */
const warmMs = 300;

test('events sent ahead run once each, alone, and whatever the events before them do to their process', async (t) => {
  const seed = Number(process.env.PREFETCH_SEED ?? anySeed());
  t.diagnostic(`PREFETCH_SEED=${seed}`);
  const random = randomStream(seed, 'prefetch');
  const folder = mkdtempSync(join(tmpdir(), 'prefetch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const notes = join(folder, 'notes');
  const router = await routerFor(t, { NOTES: notes, MAX_ENVIRONMENTS: '2' });
  const answered: number[] = [];
  const counts = { exit: 0, rejection: 0, wait: 0 };
  let last = 0;
  const ask = async (how: string) => {
    const id = ++last;
    const response = await fetch(`${router.url}/noted?id=${id}&how=${how}`);
    const body = await response.text();
    if (response.status === 502) return;
    assert.equal(`${response.status} ${body}`, '200 {"alone":true}');
    answered.push(id);
  };
  const askAll = (count: number, howOf: (index: number) => string) =>
    Promise.all(Array.from({ length: count }, (_, index) => ask(howOf(index))));
  for (let round = 0; round < rounds; round++) {
    const warm = Date.now() + warmMs;
    while (Date.now() < warm) await askAll(4, () => 'answer');
    const how = random.pick(['exit', 'rejection', 'wait'] as const);
    const at = random.integer(0, atOnce - 1);
    counts[how]++;
    await askAll(atOnce, (index) => (index === at ? how : 'answer'));
  }
  const failed = last - answered.length;
  // The router may send an event to a process that has just answered, and is about to end.
  assert.ok(
    counts.exit <= failed && failed <= counts.exit + counts.rejection,
    `${failed} failed, ${JSON.stringify(counts)}`,
  );
  const noted = readFileSync(notes, 'utf8').trim().split('\n').map(Number);
  assert.equal(new Set(noted).size, noted.length, 'an event ran twice');
  assert.deepEqual(
    answered.filter((id) => !noted.includes(id)),
    [],
  );
});
