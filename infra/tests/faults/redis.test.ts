/**
 * Nothing acknowledged is lost and nothing stale is served, whatever happens to functions, router, Redis and network.
 *
 *     FAULTS_SECONDS=300 FAULTS_SEED=1 npm run test:faults
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hasRedis } from '../support/redis.ts';
import { explain, responseTimes, summarize } from './report.ts';
import { runFaults, settings } from './run.ts';

const skip = hasRedis() ? false : 'redis-server is not installed';

it('keeps every promise with Redis, under faults', { skip }, async (test) => {
  const { seed, seconds } = settings();
  test.diagnostic(`seed ${seed}, ${seconds} s: FAULTS_SEED=${seed} FAULTS_SECONDS=${seconds} replays it`);
  const run = await runFaults({ dist: 'dist', cache: 'redis', seed, seconds });
  test.diagnostic(summarize(run));
  assert.equal(run.violations.length, 0, explain(run));
  assert.deepEqual(run.failures, []);
  assert.ok(run.cacheBackAfter !== undefined, 'the cache did not come back after the last fault');
  const { late, requests, failed } = responseTimes(run);
  assert.equal(failed, 0, `${failed} requests failed while only the cache was in trouble`);
  assert.ok(
    late <= requests * 0.01,
    `${late} of ${requests} requests took too long while only the cache was in trouble`,
  );
});
