/** Puts the classic cache bug into the functions, and expects the clients and the checker of the fault test to find it. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { skipWithoutRedis } from '../support/redis.ts';
import { buildClassic, classicDist } from './classic.ts';
import { check } from './history/checker.ts';
import type { Violation } from './history/operation.ts';
import { HttpClient } from './http.ts';
import { Recorder } from './recorder.ts';
import { explain, summarize } from './report.ts';
import { runFaults, settings } from './run.ts';
import { fillsLate, schedulesOf } from './schedule.ts';
import { System } from './system.ts';

const skip = skipWithoutRedis();

/** How often the scene is played before the bug counts as not found. A busy function may give Redis up first. */
const maxRounds = 500;
/** How often the scene is played to show that nothing is found. */
const harmlessRounds = 20;
/** How many runs random clients get to find the bug, for the same reason. */
const maxRuns = 20;

describe('a fill that does not check its lease', { skip }, () => {
  before(buildClassic);

  it('is found by one reader whose fill arrives late', async () => {
    const violations = await lateFills(classicDist, maxRounds);
    assert.deepEqual([...new Set(violations.map(({ rule }) => rule))], ['stale-read']);
  });

  it('is not found in functions that check their lease', async () => {
    assert.deepEqual(await lateFills('dist', harmlessRounds), []);
  });

  it('is found by clients at random', async (test) => {
    const { seed } = settings();
    const schedules = [...schedulesOf({ dist: classicDist, cache: 'redis' }), fillsLate];
    for (let runs = 0; runs < maxRuns; runs++) {
      const run = await runFaults({ dist: classicDist, cache: 'redis', seed: seed + runs, seconds: 12, schedules });
      test.diagnostic(summarize(run));
      test.diagnostic(explain(run, 1));
      if (run.violations.some(({ rule }) => rule === 'stale-read')) return;
    }
    assert.fail(`no stale read was found in ${maxRuns} runs (seeds from ${seed})`);
  });
});

/** Plays the scene again and again until a violation is found. */
async function lateFills(dist: string, rounds: number): Promise<Violation[]> {
  const system = await System.start({ dist, cache: 'redis' });
  const http = new HttpClient(system.urls);
  const recorder = new Recorder(system.up);
  try {
    let found: Violation[] = [];
    for (let round = 1; round <= rounds && found.length === 0; round++) {
      await lateFill(system, http, recorder, round);
      found = check(recorder.operations);
    }
    return found;
  } finally {
    http.close();
    await system.stop();
  }
}

/** A reader misses and loads the user, its fill is held back, a writer changes the user, and then the fill arrives. */
async function lateFill({ proxy }: System, http: HttpClient, recorder: Recorder, round: number): Promise<void> {
  const { user } = await write('create', 'POST', '/users', `n${round}a`);
  const id = user?.id ?? 0;
  let held = false;
  const fill = proxy?.holdNext('requests', (chunk) => chunk.includes('"email"'));
  const caught = fill?.caught.then(() => {
    held = true;
  });
  let late = read();
  for (await Promise.race([caught, late]); !held; await Promise.race([caught, late])) late = read();
  await write('replace', 'PUT', `/users/${id}`, `n${round}b`, id);
  fill?.release();
  await late;
  await read();
  await read();

  function read() {
    return recorder.user(http, 'reader', { kind: 'get', id }, { method: 'GET', path: `/users/${id}` });
  }

  function write(kind: 'create' | 'replace', method: string, path: string, tag: string, changed?: number) {
    const fields = { name: `amber ${tag}`, email: `${tag}@example.com` };
    return recorder.user(
      http,
      'writer',
      { kind, id: changed, written: { tag, ...fields } },
      { method, path, body: fields },
    );
  }
}
