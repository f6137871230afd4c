/**
 * Nothing acknowledged is lost, every answer has a defined status and memory stays level, while the machine fails.
 *
 *     FAULTS_SECONDS=600 npm run test:faults -- infra/tests/faults/soak.test.ts
 *
 * The command is a soak of ten minutes. Without FAULTS_SECONDS the run is short.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { skipWithoutRedis } from '../support/redis.ts';
import { skipWithout } from '../support/requirement.ts';
import { memoryGrowth, memoryLevels } from './history/memory.ts';
import { explain, summarize, undefinedAnswers } from './report.ts';
import { runFaults, settings } from './run.ts';
import { soakSchedules } from './schedule.ts';

const { error } = spawnSync('prlimit', ['--version'], { stdio: 'ignore' });
const skip = skipWithoutRedis() || skipWithout(error && 'prlimit is not installed');

it('keeps every promise while processes, Redis, disk, descriptors, clock and database fail', { skip }, async (test) => {
  const { seed, seconds } = settings();
  test.diagnostic(`FAULTS_SEED=${seed} FAULTS_SECONDS=${seconds} repeats this run`);
  const run = await runFaults({
    ...{ dist: 'dist', cache: 'redis', seed, seconds, maxPauseMs: 20 },
    schedules: soakSchedules(seconds),
  });
  const { warm, end } = memoryLevels(run.memory);
  test.diagnostic(summarize(run));
  test.diagnostic(`load: ${(run.operations.length / seconds).toFixed(0)} operations a second for ${seconds} s`);
  test.diagnostic(
    `memory: router ${warm.router.toFixed(0)} MB after the warm-up, ${end.router.toFixed(0)} MB at the end; ` +
      `with its functions ${warm.all.toFixed(0)} and ${end.all.toFixed(0)} MB`,
  );
  assert.equal(run.violations.length, 0, explain(run));
  assert.deepEqual(run.failures, []);
  assert.ok(run.cacheBackAfterMs !== undefined, 'the cache was not used again after the last fault');
  assert.deepEqual(undefinedAnswers(run), []);
  assert.deepEqual(memoryGrowth(run.memory), []);
});
