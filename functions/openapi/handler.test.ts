/** Tests the bundle, since the build collects the operations of all folders. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const dist = join(import.meta.dirname, '../../dist');
const bundle = readdirSync(join(dist, 'functions/openapi')).find((file) => /^handler\.[cm]js$/.test(file));
const { handler } = await import(join(dist, 'functions/openapi', bundle ?? ''));
const { body: document, status } = await invoke(handler, sample('openapi', 'get'));

it('answers an OpenAPI 3.1 document', () => {
  assert.equal(status, 200);
  assert.equal(document.openapi, '3.1.0');
});

it('describes every route of the build', () => {
  const functions: { route?: string | string[] }[] = JSON.parse(readFileSync(join(dist, 'functions.json'), 'utf8'));
  const routes = functions.flatMap(({ route = [] }) => route).filter((route) => /^[A-Z]+ /.test(route));
  assert.ok(routes.includes('GET /users/{id}'));
  for (const route of routes) {
    const [method = '', path = ''] = route.replace('ANY', 'GET').replace('+}', '}').split(' ');
    assert.ok(document.paths[path]?.[method.toLowerCase()], route);
  }
});

it('opens no database: an openapi.ts that imports the services would make it do so', () => {
  const code = readFileSync(join(dist, 'functions/openapi', bundle ?? ''), 'utf8');
  assert.doesNotMatch(code, /better-sqlite3/);
});

it('has every schema that it refers to', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  assert.ok(references.length > 10);
  for (const [, name] of references) assert.ok(document.components.schemas[name as string], name);
});

it('tells the limits of a user that the validation checks', () => {
  const { name, email } = document.components.schemas.UserInput.properties;
  assert.deepEqual([name.minLength, name.maxLength, email.maxLength], [1, 100, 100]);
  assert.equal(document.components.schemas.UserInput.additionalProperties, false);
});
