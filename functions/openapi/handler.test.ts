import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { invoke, sample } from '#lib/testing/function.ts';

const { handler } = await import('./handler.ts');
const { body: document, status } = await invoke(handler, sample('openapi', 'get'));

it('answers an OpenAPI 3.1 document', () => {
  assert.equal(status, 200);
  assert.equal(document.openapi, '3.1.0');
});

it('describes the route of each function', () => {
  const functions = join(import.meta.dirname, '..');
  const routes = readdirSync(functions)
    .filter((name) => name !== 'lib')
    .map((name) => JSON.parse(readFileSync(join(functions, name, 'function.json'), 'utf8')).route as string | undefined)
    .filter((route) => route !== undefined)
    .map((route) => route.split(' ') as [method: string, path: string]);
  for (const [method, path] of routes) assert.ok(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`);
});

it('has every schema that it refers to', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  assert.ok(references.length > 10);
  for (const [, name] of references) assert.ok(document.components.schemas[name as string], name);
});

it('says of a user what the validation checks', () => {
  const { name, email } = document.components.schemas.UserInput.properties;
  assert.deepEqual([name.minLength, name.maxLength, email.maxLength], [1, 100, 100]);
  assert.equal(document.components.schemas.UserInput.additionalProperties, false);
});
