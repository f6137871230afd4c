import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizerRequest } from './authorizer.ts';
import { identityReader } from './identity-sources.ts';

const headers: Record<string, string[]> = {
  ...{ 'x-one': ['first'], authorization: ['a', 'b'], 'x-empty': [''], 'user-agent': ['curl'] },
};

const request: AuthorizerRequest = {
  ...{
    requestId: 'r1',
    client: 'c',
    method: 'GET',
    path: '/users/1',
    rawPath: '/dev//users/%31',
    query: 'a=1&a=2&empty=',
    sourceIp: '10.0.0.1',
  },
  headerValues: (name) => headers[name] ?? [],
  ...{ routeKey: 'GET /users/{id}', stage: 'dev', payloadFormatVersion: '2.0' },
  stageVariables: { table: 'users' },
  createEvent: () => ({}),
};

const sources: [source: string, value: string | undefined][] = [
  ['$request.header.X-One', 'first'],
  ['method.request.header.x-one', 'first'],
  ['$request.header.Authorization', 'a,b'],
  ['$request.header.X-Empty', undefined],
  ['$request.header.absent', undefined],
  ['$request.querystring.a', '1,2'],
  ['$request.querystring.empty', undefined],
  ['$stageVariables.table', 'users'],
  ['stageVariables.absent', undefined],
  ['$context.httpMethod', 'GET'],
  ['$context.path', '/dev//users/%31'],
  ['$context.resourcePath', '/users/{id}'],
  ['$context.routeKey', 'GET /users/{id}'],
  ['context.identity.sourceIp', '10.0.0.1'],
  ['$context.identity.userAgent', 'curl'],
  ['$context.stage', 'dev'],
  ['$context.requestId', 'r1'],
];

for (const [source, value] of sources) {
  test(`${source} reads ${value ?? 'nothing, so that there is no identity'}`, () => {
    const read = identityReader([source]);
    assert.deepEqual(read(request)?.values, value === undefined ? undefined : [value]);
  });
}

test('two requests have one key only if every value of every source is the same', () => {
  const read = identityReader(['$request.querystring.a', '$request.querystring.b']);
  const queries = ['a=1&b=2', 'a=1&a=1&b=2', 'a=1&a=2&b=2', 'a=2&a=1&b=2', 'a=1,2&b=2', 'a=1%00&b=2', 'a=1&b=%002'];
  const spaced = ['a=1%201%202&b=2', 'a=1&b=2%201%201', 'a=1&a=2%20&b=3', 'a=1%20&a=2&b=3'];
  const keys = [...queries, ...spaced].map((query) => read({ ...request, query })?.key);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(read({ ...request, query: 'c=3&b=2&a=1' })?.key, keys[0]);
});

test('an unknown source is a wrong setting', () => {
  for (const source of ['$request.body.a', '$context.nothing', 'X-One']) {
    assert.throws(() => identityReader([source]), { name: 'ConfigurationError', message: /identity source/ });
  }
});
