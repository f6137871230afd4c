import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPageMethod, readsTable, takesUpload } from './page-methods.ts';

const id = 'a-Z_9'.padEnd(22, 'x');

test('a page answers GET and HEAD, and POST where it has a form', () => {
  for (const path of [
    '/create',
    '/export.csv',
    '/export.xlsx',
    '/pt-br/create/',
    '/users/5',
    '/pt-br/users/5',
    '/delete',
    '/bin',
    '/preferences',
    '/pt-br/import',
    `/import/${id}`,
    `/import/${id}/columns`,
  ]) {
    for (const method of ['GET', 'HEAD', 'POST']) assert.equal(checkPageMethod(method, path), undefined, path);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, headers } = checkPageMethod(method, path) ?? {};
      assert.deepEqual([status, headers], [405, { allow: 'GET, HEAD, POST' }], `${method} ${path}`);
    }
  }
  for (const path of [
    '/',
    '/pt-br',
    '/system',
    '/edit',
    '/healthz',
    '/events',
    '/favicon.svg',
    '/twins',
    '/robots.txt',
    `/import/${id}/progress`,
  ]) {
    assert.equal(checkPageMethod('GET', path), undefined, path);
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const { status, headers } = checkPageMethod(method, path) ?? {};
      assert.deepEqual([status, headers], [405, { allow: 'GET, HEAD' }], `${method} ${path}`);
    }
  }
});

test('a form for a page that does not exist gets 404', () => {
  for (const path of ['/nothing', '/users', '/users/5/x', '/pt-br/nothing', '/import/x', '/healthz/x']) {
    assert.equal(checkPageMethod('GET', path), undefined, path);
    assert.equal(checkPageMethod('POST', path)?.status, 404, path);
  }
});

test('the page of the import alone takes large forms', () => {
  for (const target of ['/import', '/pt-br/import/', '/import?lang=en'])
    assert.equal(takesUpload(target), true, target);
  for (const target of ['/create', '/import/x', '/x/import', '/?/import'])
    assert.equal(takesUpload(target), false, target);
});

test('the pages on which a file is chosen, and its sheet and columns, read tables', () => {
  for (const path of ['/import', '/pt-br/import/', `/import/${id}/columns`]) assert.equal(readsTable(path), true, path);
  for (const path of ['/create', `/import/${id}`, '/import/x/columns']) assert.equal(readsTable(path), false, path);
});
