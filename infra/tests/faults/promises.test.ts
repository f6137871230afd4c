/**
 * Nothing acknowledged is lost and nothing stale is served, whatever happens to functions, router, cache and network.
 *
 *     FAULTS_SECONDS=300 FAULTS_SEED=1 npm run test:faults
 *
 * The test prints its seed. The same seed repeats the requests of the clients and the order of the faults.
 */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { skipWithoutRedis } from '../support/redis.ts';
import { brokenPromises, responseTimes } from './history/response-times.ts';
import { explain, summarize } from './report.ts';
import { type RunOptions, runFaults, settings } from './run.ts';

const { seed, seconds } = settings();

it('keeps every promise with Redis, under faults', { skip: skipWithoutRedis() }, (test) =>
  keepsPromises(test, { dist: 'dist', cache: 'redis', seed, seconds }),
);

it('keeps every promise with the embedded cache, under faults', (test) =>
  keepsPromises(test, { dist: 'dist', cache: 'embedded', seed, seconds: seconds / 2 }));

async function keepsPromises(test: TestContext, options: RunOptions): Promise<void> {
  test.diagnostic(`FAULTS_SEED=${seed} FAULTS_SECONDS=${seconds} repeats this run`);
  const run = await runFaults(options);
  test.diagnostic(summarize(run));
  assert.equal(run.violations.length, 0, explain(run));
  assert.deepEqual(run.failures, []);
  assert.ok(run.cacheBackAfterMs !== undefined, 'the cache was not used again after the last fault');
  assert.deepEqual(brokenPromises(responseTimes(run.operations, run.injected)), []);
}
