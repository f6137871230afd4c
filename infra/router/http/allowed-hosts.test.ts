import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AllowedHosts, isAllowedHost } from './allowed-hosts.ts';

const names = ['api', '.example.com'];

for (const [host, allowed] of [
  ['localhost', true],
  ['LOCALHOST:8080', true],
  ['localhost.:8080', true],
  ['app.localhost:8080', true],
  ['127.0.0.1', true],
  ['192.168.1.7:8080', true],
  ['[::1]:8080', true],
  ['[fe80::1]', true],
  ['api:3002', true],
  ['API', true],
  ['example.com', true],
  ['a.b.example.com:443', true],
  ['rebind.test:8080', false],
  ['localhost.rebind.test', false],
  ['notlocalhost', false],
  ['127.0.0.1.rebind.test', false],
  ['api.rebind.test', false],
  ['sub.api', false],
  ['badexample.com', false],
  ['example.com.rebind.test', false],
  ['localhost@rebind.test', false],
  ['rebind.test@localhost', false],
  ['localhost:80:80', false],
  ['[rebind.test]', false],
  ['[127.0.0.1]', false],
  ['::1', false],
  ['rebind.test#.localhost', false],
  ['rebind.test/.localhost', false],
  ['', false],
  ['*', false],
] as const) {
  test(`a request to "${host}" is ${allowed ? 'allowed' : 'refused'}`, () => {
    assert.equal(isAllowedHost(host, names), allowed);
    const hosts = new AllowedHosts(names);
    assert.deepEqual([hosts.allows(host), hosts.allows(host)], [allowed, allowed]);
  });
}

test('"*" allows every name', () => assert.equal(isAllowedHost('rebind.test', ['*']), true));

test('a request without a Host header is allowed, and a name that is too long for DNS is not', () => {
  const hosts = new AllowedHosts(['*']);
  assert.equal(hosts.allows(undefined), true);
  assert.equal(hosts.allows(`${'a'.repeat(300)}.localhost`), false);
});

test('a name stays refused after more names than a server remembers', () => {
  const hosts = new AllowedHosts([]);
  for (let i = 0; i < 250; i++) assert.equal(hosts.allows(`localhost:${i}`), true);
  assert.equal(hosts.allows('rebind.test'), false);
});
