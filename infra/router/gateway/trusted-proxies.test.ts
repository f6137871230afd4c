import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNetwork, TrustedProxies } from './trusted-proxies.ts';

const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);

for (const [what, peer, forwarded, client] of [
  ['without the header', '10.0.0.1', undefined, '10.0.0.1'],
  ['through a proxy', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
  ['through two proxies', '10.0.0.1', '198.51.100.7, 192.0.2.1', '198.51.100.7'],
  ['whose own header names another address', '10.0.0.1', '203.0.113.9,198.51.100.7', '198.51.100.7'],
  ['past the proxies, with a header of its own', '198.51.100.7', '203.0.113.9', '198.51.100.7'],
  ['through proxies alone', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['with a header that is no address', '10.0.0.1', 'unknown', '10.0.0.1'],
  ['with junk before its address', '10.0.0.1', 'junk,, 198.51.100.7', '198.51.100.7'],
  ['with an empty header', '10.0.0.1', '', '10.0.0.1'],
  ['seen by a server that listens at ::', '::ffff:10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
  ['whose proxy names its port, too', '10.0.0.1', '198.51.100.7:50123', '198.51.100.7'],
  ['in IPv6 whose proxy names its port, too', '10.0.0.1', '[2001:db9::7]:50123', '2001:db9::7'],
  ['in IPv6', '2001:db8::1', '2001:db9::7', '2001:db9::7'],
  ['whose socket is closed', '', '198.51.100.7', ''],
] as const) {
  test(`a client ${what} has the address ${client || 'of nobody'}`, () => {
    assert.equal(proxies.clientOf(peer, forwarded), client);
    assert.equal(proxies.clientOf(peer, forwarded), client);
  });
}

test('a proxy by name is trusted once its name is resolved, and follows its name', async () => {
  let nowMs = 0;
  let addresses: string[] | string = 'ENOTFOUND';
  let lookups = 0;
  const resolve = async (name: string) => {
    lookups++;
    assert.equal(name, 'site');
    if (typeof addresses === 'string') throw Object.assign(new Error(), { code: addresses });
    return addresses;
  };
  const named = new TrustedProxies(['site'], resolve, () => nowMs);
  const ask = async (peer: string) => {
    named.clientOf(peer, '198.51.100.7');
    await new Promise(setImmediate);
    return named.clientOf(peer, '198.51.100.7');
  };
  assert.equal(await ask('172.18.0.4'), '172.18.0.4');
  addresses = ['172.18.0.4'];
  nowMs = 500;
  assert.equal(await ask('172.18.0.4'), '172.18.0.4', 'a stranger causes at most one look-up a second');
  assert.equal(lookups, 1);
  nowMs = 2000;
  assert.equal(await ask('172.18.0.4'), '198.51.100.7');
  nowMs = 11_000;
  assert.equal(await ask('172.18.0.4'), '198.51.100.7');
  assert.equal(lookups, 2);
  addresses = 'EAI_AGAIN';
  nowMs = 40_000;
  assert.equal(await ask('172.18.0.4'), '198.51.100.7', 'a name server that does not answer changes nothing');
  addresses = ['172.18.0.9'];
  nowMs = 80_000;
  assert.equal(await ask('172.18.0.4'), '172.18.0.4');
  assert.equal(await ask('172.18.0.9'), '198.51.100.7');
});

test('an entry is an address, a network, or else a name', () => {
  for (const entry of ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']) assert.equal(isNetwork(entry), true, entry);
  for (const entry of ['site', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.0/', '10.0/8'])
    assert.equal(isNetwork(entry), false, entry);
});
