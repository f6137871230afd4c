import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { checkUpgrade } from './upgrade.ts';

test('a request with an Upgrade header is answered, and is the last one on its connection', () => {
  const socket = new Socket();
  const response = { shouldKeepAlive: true };
  assert.equal(checkUpgrade({ socket, headers: {} }, response), undefined);
  assert.equal(response.shouldKeepAlive, true);
  assert.equal(checkUpgrade({ socket, headers: { upgrade: 'h2c' } }, response), undefined);
  assert.equal(response.shouldKeepAlive, false);
  assert.equal(checkUpgrade({ socket, headers: {} }, { shouldKeepAlive: true })?.status, 400);
  assert.equal(checkUpgrade({ socket: new Socket(), headers: {} }, { shouldKeepAlive: true }), undefined);
});
