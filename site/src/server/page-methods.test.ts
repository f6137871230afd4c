import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPageMethod } from './page-methods.ts';

test('a page answers GET and HEAD, and POST where it has a form', () => {
  for (const path of ['/create', '/pt-br/create/', '/users/5', '/pt-br/users/5', '/delete', '/preferences']) {
    for (const method of ['GET', 'HEAD', 'POST']) assert.equal(checkPageMethod(method, path), undefined, path);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, headers } = checkPageMethod(method, path) ?? {};
      assert.deepEqual([status, headers], [405, { allow: 'GET, HEAD, POST' }], `${method} ${path}`);
    }
  }
  for (const path of [
    '/',
    '/pt-br',
    '/import',
    '/system',
    '/edit',
    '/healthz',
    '/events',
    '/favicon.svg',
    '/users/5/x',
  ]) {
    assert.equal(checkPageMethod('GET', path), undefined, path);
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const { status, headers } = checkPageMethod(method, path) ?? {};
      assert.deepEqual([status, headers], [405, { allow: 'GET, HEAD' }], `${method} ${path}`);
    }
  }
});
