import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientKey, plainAddress } from './client-key.ts';

test('an IPv4 client is its address, in whatever form the socket names it', () => {
  assert.equal(clientKey(plainAddress('192.0.2.1')), '192.0.2.1');
  assert.equal(clientKey(plainAddress('::ffff:192.0.2.1')), '192.0.2.1');
  assert.equal(clientKey(''), '');
});

test('an IPv6 client is its network of 64 bits', () => {
  assert.equal(clientKey('2001:DB8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(clientKey('2001:db8:0001:2::6'), '2001:db8:1:2');
  assert.equal(clientKey('2001:db8::6'), '2001:db8:0:0');
  assert.equal(clientKey('2001::3:4:5:6:7:8'), '2001:0:3:4');
  assert.equal(clientKey('::1'), '0:0:0:0');
});
