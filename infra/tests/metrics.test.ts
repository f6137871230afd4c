/** Asks the directory for this and that, and reads in /metrics what the router and the functions have counted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AuthApi } from './support/auth.ts';
import { type MetricSamples, readMetrics } from './support/metrics.ts';
import { type Router, startRouter } from './support/router.ts';
import { until } from './support/until.ts';

/** Waits until the samples are as expected: functions write their counts once a second. */
async function expectSamples(router: Router, expected: Record<string, number>): Promise<MetricSamples> {
  let samples: MetricSamples = new Map();
  const isReached = async () => {
    samples = await readMetrics(router);
    return Object.entries(expected).every(([name, value]) => samples.get(name) === value);
  };
  await until('the samples', isReached, { milliseconds: 20_000, every: 50 }).catch(() => {});
  for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
  return samples;
}

for (const processes of [1, 2]) {
  describe(`the metrics of ${processes} router processes`, () => {
    let router: Router;

    before(async () => {
      router = await startRouter({ warm: true, env: { ROUTER_PROCESSES: String(processes), ROUTE_RATE_LIMIT: '0' } });
    });
    after(() => router?.stop());

    /** Sends a request on a connection of its own, so that any of the processes may get it. */
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { connection: 'close', 'content-type': 'application/json' };
      const response = await fetch(router.url + path, { ...init, headers });
      await response.text();
      return response;
    };

    it('begin at 0', async () => {
      await expectSamples(router, {
        'cadastro_cache_hits_total{function="get-user"}': 0,
        'cadastro_database_errors_total{function="create-user"}': 0,
        'http_rate_limited_requests_total{limit="client"}': 0,
        'lambda_queued_invocations{function="get-user"}': 0,
      });
    });

    it('count requests by route and class of status, and reads by what the cache had', async () => {
      const user = JSON.stringify({ name: 'Ada', email: 'ada@example.com' });
      assert.equal((await ask('/users', { method: 'POST', body: user })).status, 201);
      const seen: Record<string, number> = { hit: 0, miss: 0, bypass: 0 };
      for (let i = 0; i < 20; i++) {
        const source = (await ask('/users/1')).headers.get('x-cache') ?? '';
        seen[source] = (seen[source] ?? 0) + 1;
      }
      assert.equal((await ask('/users/77')).status, 404);
      assert.equal((await ask(`/nothing/${'x'.repeat(50)}`)).status, 404);
      const samples = await expectSamples(router, {
        'http_request_duration_seconds_count{function="create-user",route="POST /users",status="2xx"}': 1,
        'http_request_duration_seconds_count{function="get-user",route="GET /users/{id}",status="2xx"}': 20,
        'http_request_duration_seconds_count{function="get-user",route="GET /users/{id}",status="4xx"}': 1,
        'http_request_duration_seconds_count{function="get-user",route="GET /users/{id}",status="5xx"}': 0,
        'http_request_duration_seconds_count{function="none",route="none",status="4xx"}': 1,
        'cadastro_cache_hits_total{function="get-user"}': seen.hit as number,
        // The read of the user that does not exist is one more.
        'cadastro_cache_misses_total{function="get-user"}': (seen.miss as number) + 1,
        'cadastro_database_write_duration_seconds_count{function="create-user"}': 1,
        'http_shed_requests_total{function="get-user",reason="overloaded"}': 0,
      });
      assert.ok((seen.hit as number) > 0);
      assert.ok((samples.get('cadastro_database_read_duration_seconds_count{function="get-user"}') ?? 0) > 0);
      assert.ok(![...samples.keys()].some((name) => name.includes('xxxx')), 'a client can make a label');
      assert.ok(!router.logs.some((line) => '_aws' in line), 'the log has a line of metrics');
    });
  });
}

describe('the metrics of a router with accounts', () => {
  const api = new AuthApi({}, { SIGN_IN_ATTEMPTS: '2', CLIENT_RATE_LIMIT: '1', CLIENT_BURST_LIMIT: '50' });

  before(() => api.start());
  after(() => api.stop());

  it('count sign-ins that fail or must wait, refused credentials, and clients beyond their limit', async () => {
    await api.addPerson('ada', 'reader');
    const signIn = (secret: string) => api.call('POST /sessions', undefined, { name: 'ada', password: secret });
    let failures = 0;
    // On a slow machine the first pauses are over before the next attempt. Each is twice as long as the one before.
    while ((await signIn('wrong')).status === 401) failures++;
    assert.ok(failures >= 2);
    assert.equal((await api.call('GET /users')).status, 401);
    assert.equal((await api.call('GET /users', 'nonsense')).status, 401);
    await expectSamples(api.router, {
      'cadastro_sign_in_failures_total{function="sign-in"}': failures,
      'cadastro_sign_in_pauses_total{function="sign-in"}': 1,
      'cadastro_refused_credentials_total{function="list-users"}': 2,
    });
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.call('GET /livez')));
    const refused = answers.filter(({ status }) => status === 429).length;
    assert.ok(refused > 0);
    await expectSamples(api.router, { 'http_rate_limited_requests_total{limit="client"}': refused });
  });
});
