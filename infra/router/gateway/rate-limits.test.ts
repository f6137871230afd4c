import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RateLimitConfig } from '../config.ts';
import { RateLimits } from './rate-limits.ts';

function limits(options: Partial<RateLimitConfig>, processes = 1) {
  const clock = { nowMs: 0 };
  const all = { route: undefined, client: undefined, maxClients: 10, ...options };
  return { clock, limits: new RateLimits(all, processes, () => clock.nowMs) };
}

const one = { rateLimit: 1, burstLimit: 1 };
const route = { routeKey: 'GET /a', functionName: 'a' };

test('without limits nothing is refused', () => {
  const { limits: none } = limits({});
  for (let i = 0; i < 10_000; i++) assert.equal(none.ofClient('192.0.2.1') ?? none.ofRoute(route), undefined);
});

test('each route has a bucket of its own, and the limits of its function before the default', () => {
  const { limits: routes, clock } = limits({ route: one });
  const own = { ...route, routeKey: 'GET /b', throttling: { rateLimit: 1, burstLimit: 2 } };
  assert.equal(routes.ofRoute(route), undefined);
  const refused = routes.ofRoute(route);
  assert.deepEqual([refused?.status, refused?.headers], [429, ['retry-after', '1']]);
  assert.match(refused?.detail ?? '', /GET \/a takes 1 requests a second/);
  assert.deepEqual([routes.ofRoute(own), routes.ofRoute(own)], [undefined, undefined]);
  assert.equal(routes.ofRoute(own)?.status, 429);
  clock.nowMs = 1000;
  assert.equal(routes.ofRoute(route), undefined);
});

test('a client is an IPv4 address, or a network of 64 bits in IPv6', () => {
  const { limits: clients } = limits({ client: one });
  assert.equal(clients.ofClient('192.0.2.1'), undefined);
  assert.equal(clients.ofClient('192.0.2.2'), undefined);
  assert.equal(clients.ofClient('192.0.2.1')?.status, 429);
  assert.equal(clients.ofClient('2001:db8:0:1::5'), undefined);
  for (const same of ['2001:db8:0:1::6', '2001:DB8::1:0:0:0:9', '2001:0db8:0000:0001:ffff::1'])
    assert.equal(clients.ofClient(same)?.status, 429, same);
  assert.equal(clients.ofClient('2001:db8:0:2::5'), undefined);
  assert.equal(clients.ofClient('::1'), undefined);
  assert.equal(clients.ofClient('::1')?.status, 429);
});

test('the client that was quiet for longest is forgotten first', () => {
  const { limits: clients } = limits({ client: one, maxClients: 2 });
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3']) clients.ofClient(address);
  assert.equal(clients.ofClient('192.0.2.1')?.status, 429);
  assert.equal(clients.ofClient('192.0.2.2'), undefined);
});

test('router processes have a share of the limit each', () => {
  const { limits: shares, clock } = limits({ client: { rateLimit: 4, burstLimit: 9 } }, 4);
  assert.equal(shares.ofClient('192.0.2.1'), undefined);
  assert.equal(shares.ofClient('192.0.2.1'), undefined);
  assert.equal(shares.ofClient('192.0.2.1')?.status, 429);
  clock.nowMs = 1000;
  assert.equal(shares.ofClient('192.0.2.1'), undefined);
  assert.equal(shares.ofClient('192.0.2.1')?.status, 429);
});
