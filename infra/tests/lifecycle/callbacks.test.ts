/** Handlers of runtimes up to Node.js 22, which may answer by a callback or by their context. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';

describe('a handler of nodejs22.x', { concurrency: true }, () => {
  let router: Router;
  before(async () => {
    router = await startRouter({ dist: 'dist/fixtures', functions: ['callbacks'], env: { FUNCTION_RUNTIME: 'node' } });
  });
  after(() => router.stop());
  const ask = (how: string) => fetch(`${router.url}/callbacks?how=${how}`);

  const answers: [how: string, late: number][] = [
    ['callback', 1],
    ['callback later', 0],
    ['callback without waiting', 0],
    ['done', 0],
    ['succeed', 0],
    ['twice', 0],
    ['promise', 0],
  ];
  for (const [how, late] of answers) {
    it(`answers by "${how}", after ${late} late actions`, async () => {
      const response = await ask(how);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { late, greeting: 'hello' });
    });
  }

  for (const how of ['callback error', 'fail', 'throw']) {
    it(`fails by "${how}", and logs the error`, async () => {
      const response = await ask(how);
      assert.equal(response.status, 500);
      const requestId = response.headers.get('x-request-id');
      const { message } = await router.logged((line) => line.requestId === requestId && line.level === 'ERROR');
      assert.equal((message as { errorMessage: string }).errorMessage, 'by callback');
    });
  }

  it('answers null when it neither calls back nor returns a promise', async () => {
    const url = `${router.controlUrl}/2015-03-31/functions/callbacks/invocations`;
    assert.equal(await (await fetch(url, { method: 'POST', body: '{}' })).text(), 'null');
  });
});
