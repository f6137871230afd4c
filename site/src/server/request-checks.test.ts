import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostCheck } from './allowed-hosts.ts';
import { checkRequest } from './request-checks.ts';

const judgeHost = createHostCheck(['site']);

function requestOf(target: string, headers: Record<string, string> = {}, { method = 'GET', httpVersion = '1.1' } = {}) {
  const all: Record<string, string> = { host: 'localhost', ...headers };
  return { method, url: target, headers: all, rawHeaders: Object.entries(all).flat(), httpVersion };
}

const statusOf = (...args: Parameters<typeof requestOf>) => checkRequest(requestOf(...args), judgeHost)?.status;

test('an ordinary request passes', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal(statusOf('/users/1?a=b', {}, { method }), undefined, method);
  }
  assert.equal(statusOf('/', { 'transfer-encoding': 'Chunked' }, { method: 'POST' }), undefined);
});

test('framing that another program could read differently is refused', () => {
  assert.equal(statusOf('/', { 'transfer-encoding': 'chunked' }, { httpVersion: '1.0' }), 400);
  assert.equal(statusOf('/', { 'transfer-encoding': 'gzip, chunked' }), 501);
  assert.equal(statusOf('/', {}, { httpVersion: '0.9' }), 400);
  const twice = { ...requestOf('/'), rawHeaders: ['Host', 'localhost', 'HOST', 'site'] };
  assert.equal(checkRequest(twice, judgeHost)?.status, 400);
});

test('methods that nothing answers are refused', () => {
  for (const method of ['TRACE', 'QUERY', 'M-SEARCH']) assert.equal(statusOf('/', {}, { method }), 405, method);
});

test('an absolute target is replaced by its path, and its host counts', () => {
  const request = requestOf('http://site:8501/users?a=b', { host: 'rebind.test' });
  assert.equal(checkRequest(request, judgeHost), undefined);
  assert.deepEqual([request.url, request.headers.host], ['/users?a=b', 'site:8501']);
  const root = requestOf('HTTP://site?a');
  assert.equal(checkRequest(root, judgeHost), undefined);
  assert.equal(root.url, '/?a');
  assert.equal(statusOf('http://rebind.test/'), 421);
});

test('a target without a path is refused, except for OPTIONS of the server itself', () => {
  for (const target of ['*', 'users', 'ftp://site/', 'http:///x', 'site:80'])
    assert.equal(statusOf(target), 400, target);
  assert.equal(statusOf('*', {}, { method: 'OPTIONS' }), 204);
});

test('a host that nobody allowed is refused, and the answer names the setting', () => {
  const refusal = checkRequest(requestOf('/', { host: 'rebind.test' }), judgeHost);
  assert.equal(refusal?.status, 421);
  assert.match(refusal?.text ?? '', /ALLOWED_HOSTS/);
  assert.equal(statusOf('/', { host: 'a b' }), 400);
});
