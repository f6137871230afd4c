import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostCheck, type HostVerdict, isHostRule } from './allowed-hosts.ts';

const rules = ['site', 'Users.example.com', '.example.org'];

const cases: [host: string | undefined, verdict: HostVerdict][] = [
  [undefined, 'allowed'],
  ['localhost', 'allowed'],
  ['LOCALHOST:8501', 'allowed'],
  ['localhost.', 'allowed'],
  ['a.localhost:8501', 'allowed'],
  ['127.0.0.1', 'allowed'],
  ['192.168.1.7:8501', 'allowed'],
  ['[::1]:8501', 'allowed'],
  ['[2001:db8::1]', 'allowed'],
  ['site', 'allowed'],
  ['site:8501', 'allowed'],
  ['users.example.com', 'allowed'],
  ['users.example.com.', 'allowed'],
  ['example.org', 'allowed'],
  ['a.b.example.org:80', 'allowed'],
  ['rebind.test', 'foreign'],
  ['rebind.test:8501', 'foreign'],
  ['sub.users.example.com', 'foreign'],
  ['notexample.org', 'foreign'],
  ['localhost.evil.example', 'foreign'],
  ['evil-localhost', 'foreign'],
  ['127.0.0.1.evil.example', 'foreign'],
  ['127.0.0.1.', 'allowed'],
  ['127.1', 'foreign'],
  ['2130706433', 'foreign'],
  ['*', 'malformed'],
  ['', 'malformed'],
  ['localhost:80:80', 'malformed'],
  ['localhost@evil.example', 'malformed'],
  ['evil.example/localhost', 'malformed'],
  ['localhost, evil.example', 'malformed'],
  ['[localhost]', 'malformed'],
  ['[127.0.0.1]', 'malformed'],
  ['::1', 'malformed'],
];

test('loopback names, IP addresses and the listed hosts are allowed, and no others', () => {
  const check = createHostCheck(rules);
  for (const [host, verdict] of cases) assert.equal(check(host), verdict, String(host));
});

test('a star allows every host that is well-formed', () => {
  const check = createHostCheck(['*']);
  for (const [host, verdict] of cases) assert.equal(check(host) === 'malformed', verdict === 'malformed', String(host));
});

test('a rule is a name, a dot and a name, or a star', () => {
  for (const rule of ['site', 'a.example', '.example.com', '*', 'my_host']) assert.ok(isHostRule(rule), rule);
  for (const rule of ['', '.', '*.example.com', 'a b', 'http://a', 'a:80', 'a..b']) assert.ok(!isHostRule(rule), rule);
});
