import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as Type from 'typebox';
import { jsonResponse, pathParameter } from '#lib/http/openapi.ts';
import { type DocumentedFunction, openApiDocument } from './document.ts';

interface Document {
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Record<string, object> };
}

const documentOf = (...functions: DocumentedFunction[]): Document =>
  JSON.parse(JSON.stringify(openApiDocument(functions)));

it('documents a route whose folder says nothing about it', () => {
  const { paths } = documentOf({ name: 'get-thing', description: 'Reads a thing', routes: ['GET /things/{id}'] });
  assert.deepEqual(paths['/things/{id}']?.get, {
    operationId: 'getThing',
    description: 'Reads a thing',
    responses: { default: { description: 'Not documented' } },
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
  });
});

it('documents every route of a function, and every method of ANY but those with a route of their own', () => {
  const { paths } = documentOf(
    { name: 'files', routes: ['ANY /files/{path+}', 'GET /latest', '$default'] },
    { name: 'put-file', routes: ['PUT /files/{path+}'] },
    { name: 'start', routes: [] },
  );
  assert.deepEqual(Object.keys(paths), ['/files/{path}', '/latest']);
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(paths['/files/{path}']?.put?.operationId, 'putFile');
  assert.equal(paths['/files/{path}']?.get?.operationId, 'files_get');
  assert.equal(paths['/latest']?.get?.operationId, 'files2');
  assert.equal(new Set(ids).size, ids.length);
});

it('keeps what openapi.ts says of a path parameter', () => {
  const operation = { summary: '', parameters: [pathParameter('id', { type: 'integer' })], responses: {} };
  const { paths } = documentOf({ name: 'f', routes: ['GET /a/{id}/{part}'], operation });
  const parameters = paths['/a/{id}/{part}']?.get?.parameters as { name: string; schema: { type: string } }[];
  assert.deepEqual(
    parameters.map(({ name, schema }) => [name, schema.type]),
    [
      ['part', 'string'],
      ['id', 'integer'],
    ],
  );
});

it('makes a component of every schema with a title, at any depth', () => {
  const Tag = Type.Object({ title: Type.String() }, { title: 'Tag' });
  const Tags = Type.Object({ tags: Type.Array(Tag) }, { title: 'Tags' });
  const functions = [Tag, Tags].map((schema, index) => ({
    name: `f${index}`,
    routes: [`GET /${index}`],
    operation: { summary: '', responses: { 200: jsonResponse('', schema) } },
  }));
  const { components, paths } = documentOf(...functions);
  assert.deepEqual(components.schemas, {
    Tag: { type: 'object', title: 'Tag', required: ['title'], properties: { title: { type: 'string' } } },
    Tags: {
      type: 'object',
      title: 'Tags',
      required: ['tags'],
      properties: { tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' } } },
    },
  });
  assert.match(JSON.stringify(paths['/1']), /"schema":\{"\$ref":"#\/components\/schemas\/Tags"\}/);
});

it('refuses two different schemas of one title', () => {
  const functions = [Type.String({ title: 'Tag' }), Type.Integer({ title: 'Tag' })].map((schema, index) => ({
    name: `f${index}`,
    routes: [`GET /${index}`],
    operation: { summary: '', responses: { 200: jsonResponse('', schema) } },
  }));
  assert.throws(() => documentOf(...functions), /Two different schemas are titled "Tag"/);
});
