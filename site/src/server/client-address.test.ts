import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientAddress, isProxyRule } from './client-address.ts';

async function addressOf(proxies: string[], peer: string, forwarded?: string) {
  const { find } = await createClientAddress(proxies, async (name) => {
    if (name === 'balancer') return ['192.0.2.9', '2001:db8::9'];
    throw new Error('ENOTFOUND');
  });
  const { client, forwardedFor } = find({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: peer },
  });
  return [client, forwardedFor];
}

test('what a client writes into X-Forwarded-For does not count', async () => {
  assert.deepEqual(await addressOf([], '192.0.2.1'), ['192.0.2.1', '192.0.2.1']);
  assert.deepEqual(await addressOf([], '::ffff:192.0.2.1', '203.0.113.5'), ['192.0.2.1', '192.0.2.1']);
  assert.deepEqual(await addressOf(['10.0.0.0/8'], '192.0.2.1', '10.0.0.1'), ['192.0.2.1', '192.0.2.1']);
  assert.deepEqual(await addressOf(['unknown'], '192.0.2.1', '203.0.113.5'), ['192.0.2.1', '192.0.2.1']);
});

test('a trusted proxy says who its client is: by address, by range and by name', async () => {
  const [client, chain] = ['203.0.113.5', '203.0.113.5, 192.0.2.9'];
  for (const rule of ['192.0.2.9', '192.0.2.0/24', 'balancer']) {
    assert.deepEqual(await addressOf([rule], '::ffff:192.0.2.9', client), [client, chain], rule);
  }
  assert.deepEqual(await addressOf(['balancer'], '2001:db8::9', client), [client, '203.0.113.5, 2001:db8::9']);
});

test('the client is the nearest address that is no trusted proxy', async () => {
  const trusted = ['192.0.2.0/24'];
  const [client, chain] = await addressOf(trusted, '192.0.2.9', '198.51.100.1, 203.0.113.5, 192.0.2.8');
  assert.equal(client, '203.0.113.5');
  assert.equal(chain, '198.51.100.1, 203.0.113.5, 192.0.2.8, 192.0.2.9');
  assert.equal((await addressOf(trusted, '192.0.2.9', 'unknown, 192.0.2.8'))[0], '192.0.2.8');
  assert.equal((await addressOf(trusted, '192.0.2.9', 'nonsense'))[0], '192.0.2.9');
  assert.equal((await addressOf(trusted, '192.0.2.9', '203.0.113.5:50123'))[0], '203.0.113.5', 'with its port');
});

test('a rule is an address, a range or a host name', () => {
  for (const rule of ['192.0.2.1', '10.0.0.0/8', '::1', 'fd00::/8', 'balancer', 'proxy.example.com']) {
    assert.ok(isProxyRule(rule), rule);
  }
  for (const rule of ['', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '1.2.3', 'fd00::/129', 'a/8', 'a b', '*']) {
    assert.ok(!isProxyRule(rule), rule);
  }
});
