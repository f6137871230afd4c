/** The trace context of a request to the site reaches the API. These tests need no browser. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';
import { type Site, startSite } from '../support/site.ts';

const parent = '00f067aa0ba902b7';

let router: Router;
let site: Site;

before(async () => {
  router = await startRouter({ env: { AUTH: 'off', LOG_LEVEL: 'DEBUG' } });
  site = await startSite({ API_URL: router.url, STATUS_URL: router.statusUrl });
});
after(async () => {
  await site?.stop();
  await router?.stop();
});

const requests = [
  { path: '/users/77', kind: 'a page', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
  { path: '/api/users/78', kind: 'the proxy', traceId: '5bf92f3577b34da6a3ce929d0e0e4736' },
];

for (const { path, kind, traceId } of requests) {
  it(`passes on the trace context through ${kind}`, async () => {
    const response = await fetch(site.url + path, { headers: { traceparent: `00-${traceId}-${parent}-01` } });
    assert.equal(response.status, 404);
    // A page asks for the user's history as well, and either function may be the first to log.
    await router.logged((line) => line.trace_id === traceId && line.function === 'get-user');
  });
}
