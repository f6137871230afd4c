/** More requests at once than a function can answer soon: the newest are refused, and afterwards everything is as before. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routerFor } from './environments.ts';

describe('an overloaded function', { concurrency: 2 }, () => {
  for (const path of ['/burn', '/slow']) {
    it(`at ${path} answers what it can and refuses the newest requests with 503`, async (t) => {
      const router = await routerFor(t, { MAX_WAIT_MS: '50', MAX_ENVIRONMENTS: '1' });
      const ask = () => fetch(router.url + path);
      // The router learns what a request costs.
      for (let request = 0; request < 100; request++) assert.equal((await ask()).status, 200);
      const answers = await Promise.all(Array.from({ length: 1000 }, ask));
      const statuses = answers.map(({ status }) => status);
      assert.deepEqual([...new Set(statuses)].sort(), [200, 503]);
      const refused = answers.find(({ status }) => status === 503);
      assert.equal(refused?.headers.get('retry-after'), '1');
      assert.equal(statuses[0], 200);
      for (let request = 0; request < 5; request++) assert.equal((await ask()).status, 200);
    });
  }
});
