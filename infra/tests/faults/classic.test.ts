/** The clients and the checker of the fault test find the bug that they are there for, once it is put in. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { hasRedis } from '../support/redis.ts';
import { buildClassic, classicDist } from './classic.ts';
import { check } from './history/checker.ts';
import type { Written } from './history/operation.ts';
import { HttpClient } from './http.ts';
import { Recorder } from './recorder.ts';
import { explain, summarize } from './report.ts';
import { runFaults, settings } from './run.ts';
import { lateFills, schedulesOf } from './schedule.ts';
import { System } from './system.ts';

const skip = hasRedis() ? false : 'redis-server is not installed';

describe('a fill that does not ask for its lease', { skip }, () => {
  before(buildClassic);

  it('is found by one reader whose fill comes late', async () => {
    const violations = await lateFill(classicDist);
    assert.deepEqual([...new Set(violations.map(({ rule }) => rule))], ['stale-read']);
  });

  it('does no harm where the lease is asked for', async () => {
    assert.deepEqual(await lateFill('dist'), []);
  });

  it('is found by clients at random', async (test) => {
    const { seed } = settings();
    const schedules = [...schedulesOf('redis'), lateFills];
    const run = await runFaults({ dist: classicDist, cache: 'redis', seed, seconds: 12, schedules });
    test.diagnostic(summarize(run));
    test.diagnostic(explain(run, 1));
    const stale = run.violations.filter(({ rule }) => rule === 'stale-read');
    assert.ok(stale.length > 0, `nothing was found in ${run.operations.length} operations (seed ${seed})`);
  });
});

/** A reader misses and fetches, its fill is held, a writer changes the user and is answered, the fill arrives. */
async function lateFill(dist: string) {
  const system = await System.start({ dist, cache: 'redis' });
  const http = new HttpClient(system.url);
  const recorder = new Recorder(system.up);
  try {
    const post = await write('POST', '/users', { tag: 'n1', name: 'amber n1', email: 'n1@example.com' });
    const id = post.user?.id ?? 0;
    const held = system.proxy?.holdNext('requests', (chunk) => chunk.includes('"email"'));
    const late = read();
    await held?.caught;
    await write('PUT', `/users/${id}`, { tag: 'n2', name: 'amber n2', email: 'n2@example.com' });
    held?.release();
    await late;
    await read();
    await read();
    return check(recorder.operations);

    function read() {
      return recorder.user(http, 'reader', { kind: 'get', id }, { method: 'GET', path: `/users/${id}` });
    }
  } finally {
    http.close();
    await system.stop();
  }

  function write(method: 'POST' | 'PUT', path: string, written: Written) {
    const { name, email } = written;
    const id = method === 'POST' ? undefined : Number(path.split('/').at(-1));
    const kind = method === 'POST' ? 'create' : 'replace';
    return recorder.user(http, 'writer', { kind, id, written }, { method, path, body: { name, email } });
  }
}
