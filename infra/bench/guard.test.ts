/**
 * Guards the ratios against a regression of half: 0.6 of each target's minimum, or of what was reached where that is
 * less, both servers in the same run. A machine that others use may spoil a round, so each workload gets a few; code that
 * is twice as slow fails in all of them.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Comparison, compare } from './compare.ts';
import { buildContenders } from './contenders/cadastro.ts';
import { ratiosOf } from './report/ratios.ts';
import { type Workload, workloads } from './workloads.ts';

const loose = 0.6;
const tries = 4;
const options = { rounds: 1, seconds: 2, connections: 64, say: () => {} };
/** Seconds to wait for a quiet machine: none at first, some for those that fail. */
const patience = [0, 5, 10, 10];

const pairs = workloads.map((workload): Workload => {
  const [own, reference] = workload.contenders;
  return { ...workload, contenders: [own, reference] };
});

describe('throughput beside one hand-written Fastify process', () => {
  let first: Comparison[];

  before(async () => {
    await buildContenders();
    first = await compare(pairs, { ...options, patience: 0 });
  });

  for (const [index, workload] of pairs.entries()) {
    const least = Math.min(workload.least, workload.reached ?? workload.least) * loose;
    it(`is at least ${least.toFixed(2)} times it: ${workload.title}`, async (test) => {
      const seen: string[] = [];
      for (let attempt = 0; attempt < tries; attempt++) {
        const again = { ...options, patience: patience[attempt] ?? 0 };
        const comparison = attempt === 0 ? first[index] : (await compare([workload], again))[0];
        assert.ok(comparison);
        const [ratios] = ratiosOf(comparison);
        assert.ok(ratios);
        assert.equal(ratios.errors, 0, 'errors under load');
        seen.push(ratios.throughput.median.toFixed(2));
        if (ratios.throughput.median >= least) {
          test.diagnostic(`ratio ${seen.join(', then ')}`);
          return;
        }
      }
      const more = `see npm run bench -- --only ${workload.name}`;
      assert.fail(`ratios ${seen.join(', ')} are all below ${least.toFixed(2)}: ${more}`);
    });
  }
});
