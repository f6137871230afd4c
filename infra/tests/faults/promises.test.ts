/**
 * Nothing acknowledged is lost and nothing stale is served, whatever happens to functions, router, cache and network.
 *
 *     FAULTS_SECONDS=300 FAULTS_SEED=1 npm run test:faults
 *
 * The seed is printed. It replays what the clients ask for and which faults come when, as far as time allows.
 */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { skipWithoutRedis } from '../support/redis.ts';
import { explain, responseTimes, summarize } from './report.ts';
import { type RunOptions, runFaults, settings } from './run.ts';

const { seed, seconds } = settings();
const timeout = (seconds + 120) * 1000;
const skip = skipWithoutRedis();

it('keeps every promise with Redis, under faults', { skip, timeout }, (test) =>
  keepsPromises(test, { dist: 'dist', cache: 'redis', seed, seconds }),
);

it('keeps every promise with the embedded cache, under faults', { timeout }, (test) =>
  keepsPromises(test, { dist: 'dist', cache: 'embedded', seed, seconds: seconds / 2 }),
);

async function keepsPromises(test: TestContext, options: RunOptions): Promise<void> {
  test.diagnostic(`FAULTS_SEED=${seed} FAULTS_SECONDS=${seconds} runs it again`);
  const run = await runFaults(options);
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
}
