/**
 * Fails when a change makes cadastro about twice as slow. Each workload must reach 0.6 of its minimum ratio, or of the ratio
 * that was reached so far if that is lower. Both servers run on the same machine in the same run. Other programs can spoil a
 * measurement, so each workload gets several attempts. Code that is twice as slow fails in all of them.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Comparison, compare } from './compare.ts';
import { buildContenders } from './contenders/cadastro.ts';
import { ratiosOf } from './report/ratios.ts';
import { type Workload, workloads } from './workloads.ts';

const tolerance = 0.6;
const maxAttempts = 4;
const options = { rounds: 1, seconds: 2, connections: 64, say: () => {} };
/** How long each attempt waits for a quiet machine. */
const quietTimeoutsSeconds = [0, 5, 10, 10];

const pairs = workloads.map((workload): Workload => {
  const [own, reference] = workload.contenders;
  return { ...workload, contenders: [own, reference] };
});

describe('requests per second as a ratio to one hand-written Fastify process', () => {
  let first: Comparison[];

  before(async () => {
    await buildContenders();
    first = await compare(pairs, { ...options, quietTimeoutSeconds: 0 });
  });

  for (const [index, workload] of pairs.entries()) {
    const minRatio = Math.min(workload.minRatio, workload.reachedRatio ?? workload.minRatio) * tolerance;
    it(`reaches ${minRatio.toFixed(2)}: ${workload.title}`, async (test) => {
      const seen: string[] = [];
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const again = { ...options, quietTimeoutSeconds: quietTimeoutsSeconds[attempt] ?? 0 };
        const comparison = attempt === 0 ? first[index] : (await compare([workload], again))[0];
        assert.ok(comparison);
        const [ratios] = ratiosOf(comparison);
        assert.ok(ratios);
        assert.equal(ratios.errors, 0, 'errors under load');
        seen.push(ratios.throughput.median.toFixed(2));
        if (ratios.throughput.median >= minRatio) {
          test.diagnostic(`ratio ${seen.join(', then ')}`);
          return;
        }
      }
      const advice = `run npm run bench -- --only ${workload.name}`;
      assert.fail(`ratios ${seen.join(', ')} are all below ${minRatio.toFixed(2)}: ${advice}`);
    });
  }
});
