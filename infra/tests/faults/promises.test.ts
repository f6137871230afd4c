/**
 * Nothing acknowledged is lost and nothing stale is served, whatever happens to functions, routers, database, cache and network.
 *
 *     FAULTS_SECONDS=300 FAULTS_SEED=1 npm run test:faults
 *     FAULTS_SECONDS=300 FAULTS_ENGINE=postgres FAULTS_ROUTERS=3 npm run test:faults -- infra/tests/faults/promises.test.ts
 *
 * The test prints its seed. The same seed repeats the requests of the clients and the order of the faults.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { skipWithoutPostgres } from '../support/postgres.ts';
import { skipWithoutRedis } from '../support/redis.ts';
import { brokenPromises, responseTimes } from './history/response-times.ts';
import { explain, summarize } from './report.ts';
import { type RunOptions, runFaults, settings } from './run.ts';

const { seed, seconds, routers, runsOn } = settings();
const withoutSqlite = !runsOn('sqlite') && 'FAULTS_ENGINE names PostgreSQL';
const withoutPostgres = !runsOn('postgres') && 'FAULTS_ENGINE names SQLite';

describe('every promise is kept under faults', { concurrency: false }, () => {
  it('on SQLite with Redis and several routers', { skip: withoutSqlite || skipWithoutRedis() }, (test) =>
    keepsPromises(test, { dist: 'dist', cache: 'redis', routers, seed, seconds }),
  );

  it('on SQLite with the embedded cache', { skip: withoutSqlite }, (test) =>
    keepsPromises(test, { dist: 'dist', cache: 'embedded', seed, seconds: seconds / 3 }),
  );

  const skip = withoutPostgres || skipWithoutRedis() || skipWithoutPostgres();
  it('on PostgreSQL with Redis and several routers', { skip }, (test) =>
    keepsPromises(test, { dist: 'dist', cache: 'redis', engine: 'postgres', routers, seed, seconds }),
  );
});

async function keepsPromises(test: TestContext, options: RunOptions): Promise<void> {
  test.diagnostic(`FAULTS_SEED=${seed} FAULTS_SECONDS=${seconds} repeats this run`);
  const run = await runFaults(options);
  test.diagnostic(summarize(run));
  assert.equal(run.violations.length, 0, explain(run));
  assert.deepEqual(run.failures, []);
  assert.ok(run.cacheBackAfterMs !== undefined, 'the cache was not used again after the last fault');
  assert.deepEqual(brokenPromises(responseTimes(run.operations, run.injected)), []);
}
