import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasRole, neededRole } from './page-roles.ts';

const routes = globSync('**/*.{astro,ts}', { cwd: join(import.meta.dirname, '../../pages') }).map(
  (file) => `/${file.replace(/(\/?index)?\.(astro|ts)$/, '')}`,
);

test('every page names the role that it needs', () => {
  assert.ok(routes.length > 10);
  assert.deepEqual(
    routes.filter((route) => !hasRole(route)),
    [],
  );
});

test('a page without a name for its role is an administrator’s, and a reader may not send the forms of editors', () => {
  assert.equal(neededRole('/[...locale]/new-page', 'GET'), 'administrator');
  assert.equal(neededRole('/[...locale]/users/[id]', 'GET'), 'reader');
  assert.equal(neededRole('/[...locale]/users/[id]', 'HEAD'), 'reader');
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    assert.equal(neededRole('/[...locale]/users/[id]', method), 'editor');
  }
});
