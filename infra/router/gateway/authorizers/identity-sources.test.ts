import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizerRequest } from './authorizer.ts';
import { identityReader } from './identity-sources.ts';

const request: AuthorizerRequest = {
  ...{ requestId: 'r1', client: 'c', method: 'GET', path: '/users/1', query: 'a=1&a=2&empty=', sourceIp: '10.0.0.1' },
  headers: { 'x-one': 'first', 'set-cookie': ['a=b', 'c=d'], 'user-agent': 'curl' },
  ...{ routeKey: 'GET /users/{id}', stage: 'dev', payloadFormatVersion: '2.0' },
  stageVariables: { table: 'users' },
  createEvent: () => ({}),
};

const sources: [source: string, value: string | undefined][] = [
  ['$request.header.X-One', 'first'],
  ['method.request.header.x-one', 'first'],
  ['$request.header.Set-Cookie', 'a=b,c=d'],
  ['$request.header.absent', undefined],
  ['$request.querystring.a', '1'],
  ['$request.querystring.empty', undefined],
  ['$stageVariables.table', 'users'],
  ['stageVariables.absent', undefined],
  ['$context.httpMethod', 'GET'],
  ['$context.path', '/users/1'],
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
    assert.deepEqual(read(request), value === undefined ? undefined : [value]);
  });
}

test('an unknown source is a wrong setting', () => {
  for (const source of ['$request.body.a', '$context.nothing', 'X-One']) {
    assert.throws(() => identityReader([source]), { name: 'ConfigurationError', message: /identity source/ });
  }
});
