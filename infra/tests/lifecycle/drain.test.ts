/** DRAIN_DELAY_MS: behind a load balancer, routers are replaced without a failed request. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { twoProcesses } from '../cluster/stage.ts';
import { startBalancer, startLoad } from '../support/balancer.ts';
import type { Router } from '../support/router.ts';
import { until } from '../support/until.ts';
import { routerFor } from './environments.ts';

/** Long enough for each test to look meanwhile, on a slow machine too. */
const drained = { DRAIN_DELAY_MS: '4000' };
const start = (t: TestContext) => routerFor(t, drained);
const isReady = async (router: Router) => (await fetch(`${router.statusUrl}/readyz`)).status === 200;

describe('a router behind a load balancer', { concurrency: true }, () => {
  it('is not ready first, answers on with Connection: close, and then takes no more connections', async (t) => {
    const router = await start(t);
    const agent = new Agent({ keepAlive: true });
    const ask = async () => {
      const [response] = (await once(get(`${router.url}/echo`, { agent }), 'response')) as [IncomingMessage];
      response.resume();
      return [response.statusCode, response.headers.connection];
    };
    assert.deepEqual(await ask(), [200, 'keep-alive']);
    const stopped = router.stop();
    await router.logged(({ message }) => message === 'Shutting down');
    assert.equal(await isReady(router), false);
    assert.equal((await fetch(`${router.statusUrl}/livez`)).status, 200);
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask(), [200, 'close']);
    assert.equal(await stopped, 0);
    await assert.rejects(ask());
  });

  for (const [processes, startOne] of [
    ['one process', start],
    ['two processes', (t: TestContext) => twoProcesses(t, drained)],
  ] as const) {
    it(`is replaced without a failed request, with ${processes}`, async (t) => {
      const balancer = await startBalancer(t);
      const startBehind = async () => {
        const router = await startOne(t);
        balancer.backends.add({ url: router.url, readyUrl: `${router.statusUrl}/readyz` });
        return router;
      };
      let router = await startBehind();
      await until('the first router is used', () => balancer.ready.size === 1);
      const load = startLoad(async (n) => {
        const init = n % 2 === 0 ? {} : { method: 'POST', body: `${n}`, headers: { 'content-type': 'text/plain' } };
        const response = await fetch(`${balancer.url}/echo`, init);
        const { event } = (await response.json()) as { event: { body?: string } };
        return event.body === init.body ? response.status : 500;
      });
      for (let round = 0; round < 2; round++) {
        const next = await startBehind();
        await until('both routers are used', () => balancer.ready.size === 2);
        assert.equal(await router.stop(), 0);
        router = next;
      }
      await load.stop();
      assert.deepEqual(load.failures, []);
      assert.ok(load.answered > 100, `${load.answered} requests`);
    });
  }
});
