/** Rate limits of a real router: each client by its address, behind a proxy too, and each route. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routerFor } from './environments.ts';

/** So many requests at once that the burst is over, however slow the machine is. */
const flood = 200;

/** @returns the answers to many requests at once */
const floodWith = (url: string, headers: Record<string, string> = {}) =>
  Promise.all(Array.from({ length: flood }, () => fetch(url, { headers })));

describe('a router with rate limits', { concurrency: true }, () => {
  it('answers 429 with Retry-After to a client that sends too much, and serves the others', async (t) => {
    const router = await routerFor(t, {
      ...{ TRUSTED_PROXIES: '127.0.0.1', CLIENT_RATE_LIMIT: '1', CLIENT_BURST_LIMIT: '3' },
    });
    const answers = await floodWith(`${router.url}/echo`, { 'x-forwarded-for': '198.51.100.7' });
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0 && refused.length <= flood - 3, `${refused.length} of ${flood}`);
    assert.ok(answers.every(({ status }) => status === 200 || status === 429));
    for (const { headers } of refused) {
      assert.equal(headers.get('retry-after'), '1');
      assert.equal(headers.get('content-type'), 'application/problem+json');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    }
    const metrics = await (await fetch(`${router.statusUrl}/metrics`)).text();
    assert.match(metrics, new RegExp(`^http_rate_limited_requests_total\\{limit="client"\\} ${refused.length}$`, 'm'));
    const other = await fetch(`${router.url}/echo`, { headers: { 'x-forwarded-for': '1.2.3.4, 198.51.100.8' } });
    assert.equal(other.status, 200);
    const { event } = (await other.json()) as { event: { requestContext: { http: { sourceIp: string } } } };
    assert.equal(event.requestContext.http.sourceIp, '198.51.100.8');
  });

  it('does not believe X-Forwarded-For of a client that is no trusted proxy', async (t) => {
    const router = await routerFor(t, { CLIENT_RATE_LIMIT: '1', CLIENT_BURST_LIMIT: '3' });
    const answers = await Promise.all(
      Array.from({ length: flood }, (_, i) =>
        fetch(`${router.url}/echo`, { headers: { 'x-forwarded-for': `1.1.1.${i}` } }),
      ),
    );
    assert.ok(answers.some(({ status }) => status === 429));
  });

  it('has the limits of function.json for a route, also where it has no others', async (t) => {
    const router = await routerFor(t);
    const answers = await floodWith(`${router.url}/throttled`);
    assert.ok(answers.some(({ status }) => status === 204));
    const refused = answers.find(({ status }) => status === 429);
    assert.ok(refused);
    assert.equal(refused.headers.get('retry-after'), '1');
    const metrics = await (await fetch(`${router.statusUrl}/metrics`)).text();
    assert.match(metrics, /^http_rate_limited_requests_total\{limit="route"\} [1-9]/m);
    assert.match(
      ((await refused.json()) as { detail: string }).detail,
      /^GET \/throttled takes 1 requests a second; wait 1 s$/,
    );
    assert.ok((await floodWith(`${router.url}/echo`)).every(({ status }) => status === 200));
  });
});
