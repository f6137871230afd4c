/** The clients and the checker of the fault test find the bug that they are there for, once it is put in. */
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

/** Times that the scene is played at most: on a busy machine, Redis may be given up before the fill arrives. */
const rounds = 20;

describe('a fill that does not ask for its lease', { skip }, () => {
  before(buildClassic);

  it('is found by one reader whose fill comes late', async () => {
    const violations = await lateFills(classicDist, (found) => found.length > 0);
    assert.deepEqual([...new Set(violations.map(({ rule }) => rule))], ['stale-read']);
  });

  it('does no harm where the lease is asked for', async () => {
    assert.deepEqual(await lateFills('dist', () => false), []);
  });

  it('is found by clients at random', async (test) => {
    const { seed } = settings();
    const schedules = [...schedulesOf('redis'), fillsLate];
    const run = await runFaults({ dist: classicDist, cache: 'redis', seed, seconds: 12, schedules });
    test.diagnostic(summarize(run));
    test.diagnostic(explain(run, 1));
    const stale = run.violations.filter(({ rule }) => rule === 'stale-read');
    assert.ok(stale.length > 0, `nothing was found in ${run.operations.length} operations (seed ${seed})`);
  });
});

/** Plays the scene again and again until what was found suffices. */
async function lateFills(dist: string, suffices: (found: readonly Violation[]) => boolean): Promise<Violation[]> {
  const system = await System.start({ dist, cache: 'redis' });
  const http = new HttpClient(system.url);
  const recorder = new Recorder(system.up);
  try {
    let found: Violation[] = [];
    for (let round = 1; round <= rounds && !suffices(found); round++) {
      await lateFill(system, http, recorder, round);
      found = check(recorder.operations);
    }
    return found;
  } finally {
    http.close();
    await system.stop();
  }
}

/** A reader misses and fetches, its fill is held, a writer changes the user and is answered, the fill arrives. */
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
