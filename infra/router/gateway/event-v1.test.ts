/**
 * Golden tests of payload format 1.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFunction } from '../manifest.ts';
import { createEvent } from './event.ts';
import { announceLength, type RequestLine } from './event-parts.ts';
import { BadRequestError } from './gateway-problems.ts';
import { pathOf } from './request-target.ts';
import { type Match, RouteTree } from './route-tree.ts';

interface Event extends Record<string, unknown> {
  headers: Record<string, string>;
  multiValueHeaders: Record<string, string[]>;
  queryStringParameters: Record<string, string> | null;
  multiValueQueryStringParameters: Record<string, string[]> | null;
  requestContext: Record<string, unknown> & { identity: Record<string, unknown> };
}

const context = {
  requestId: 'request-id',
  time: Date.UTC(2020, 2, 4, 19, 15, 17, 135),
  accountId: '123456789012',
  apiId: 'id',
  stageVariables: undefined,
};

const identity = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: '192.0.2.1',
  user: null,
  userAgent: 'user-agent',
  userArn: null,
};

/** @returns the event of a request to a route, as the function gets it: as JSON */
function eventOf(route: object, request: Partial<RequestLine>, stageVariables?: Record<string, string>): Event {
  const line = { method: 'GET', target: '/', httpVersion: '1.1', rawHeaders: ['Host', 'h'], sourceIp: '192.0.2.1' };
  const all = { ...line, ...request };
  const routes = new RouteTree([parseFunction({ name: 'f', route }, '/dist')]);
  const match = routes.find(all.method, pathOf(all.target)) as Match;
  return JSON.parse(JSON.stringify(createEvent(all, match, { ...context, stageVariables })));
}

const request = {
  method: 'GET',
  rawHeaders: [
    ...['Host', 'id.execute-api.us-east-1.amazonaws.com', 'User-Agent', 'user-agent'],
    ...['header1', 'value1', 'header2', 'value1', 'header2', 'value2'],
  ],
};
const query = '?parameter1=value1&parameter1=value2&parameter2=value';
const headers = {
  Host: 'id.execute-api.us-east-1.amazonaws.com',
  'User-Agent': 'user-agent',
  header1: 'value1',
  header2: 'value2',
};
const multiValueHeaders = {
  Host: ['id.execute-api.us-east-1.amazonaws.com'],
  'User-Agent': ['user-agent'],
  header1: ['value1'],
  header2: ['value1', 'value2'],
};
const parameters = {
  queryStringParameters: { parameter1: 'value2', parameter2: 'value' },
  multiValueQueryStringParameters: { parameter1: ['value1', 'value2'], parameter2: ['value'] },
};

describe('an event in payload format 1.0', { concurrency: true }, () => {
  it("is the documentation's event of a REST API for the documentation's request", () => {
    const { resourceId, ...requestContext } = eventOf(
      { key: 'GET /my/path', api: 'rest' },
      { ...request, target: '/Prod/my/path' },
    ).requestContext;
    assert.match(String(resourceId), /^[0-9a-z]{6}$/);
    assert.deepEqual(requestContext, {
      accountId: '123456789012',
      apiId: 'id',
      domainName: 'id.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'id',
      extendedRequestId: 'request-id',
      httpMethod: 'GET',
      identity,
      path: '/Prod/my/path',
      protocol: 'HTTP/1.1',
      requestId: 'request-id',
      requestTime: '04/Mar/2020:19:15:17 +0000',
      requestTimeEpoch: 1583349317135,
      resourcePath: '/my/path',
      stage: 'Prod',
    });
    const { requestContext: _, ...event } = eventOf(
      { key: 'GET /my/path', api: 'rest' },
      { ...request, target: `/Prod/my/path${query}` },
    );
    assert.deepEqual(event, {
      resource: '/my/path',
      path: '/my/path',
      httpMethod: 'GET',
      headers,
      multiValueHeaders,
      ...parameters,
      pathParameters: null,
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  it("is the documentation's event of an HTTP API for the documentation's request", () => {
    const route = { key: 'GET /my/path', payloadFormatVersion: '1.0' };
    assert.deepEqual(eventOf(route, { ...request, target: `/my/path${query}` }), {
      version: '1.0',
      resource: '/my/path',
      path: '/my/path',
      httpMethod: 'GET',
      headers,
      multiValueHeaders,
      ...parameters,
      requestContext: {
        accountId: '123456789012',
        apiId: 'id',
        authorizer: { claims: null, scopes: null },
        domainName: 'id.execute-api.us-east-1.amazonaws.com',
        domainPrefix: 'id',
        extendedRequestId: 'request-id',
        httpMethod: 'GET',
        identity,
        path: '/my/path',
        protocol: 'HTTP/1.1',
        requestId: 'request-id',
        requestTime: '04/Mar/2020:19:15:17 +0000',
        requestTimeEpoch: 1583349317135,
        resourceId: null,
        resourcePath: '/my/path',
        stage: '$default',
      },
      pathParameters: null,
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  it('has null for each field without a value', () => {
    const event = eventOf({ key: 'GET /', api: 'rest' }, {});
    for (const name of ['queryStringParameters', 'multiValueQueryStringParameters', 'pathParameters', 'body']) {
      assert.equal(event[name], null, name);
    }
    assert.equal(event.requestContext.identity.userAgent, null);
  });

  it('has the template of the route, the parameters of the path, and the stage variables', () => {
    const route = { key: 'ANY /files/{id}/{proxy+}', api: 'rest', stage: 'dev' };
    const event = eventOf(route, { method: 'PUT', target: '/dev/files/7/a/b' }, { table: 't' });
    assert.equal(event.resource, '/files/{id}/{proxy+}');
    assert.equal(event.requestContext.resourcePath, '/files/{id}/{proxy+}');
    assert.equal(event.httpMethod, 'PUT');
    assert.deepEqual(event.pathParameters, { id: '7', proxy: 'a/b' });
    assert.deepEqual(event.stageVariables, { table: 't' });
  });

  it('has the path of a REST API without the stage, and as it was sent', () => {
    const pathsOf = (route: object, target: string) => {
      const { path, requestContext } = eventOf(route, { target });
      return [path, requestContext.path];
    };
    const rest = { key: 'GET /{proxy+}', api: 'rest' };
    assert.deepEqual(pathsOf(rest, '/a%20b/%C3%A9'), ['/a%20b/%C3%A9', '/a%20b/%C3%A9']);
    assert.deepEqual(pathsOf(rest, '/Prod/a%20b?x'), ['/a%20b', '/Prod/a%20b']);
    assert.deepEqual(pathsOf({ ...rest, key: 'GET /' }, '/Prod'), ['/', '/Prod']);
    assert.throws(() => pathsOf(rest, '/%ff'), BadRequestError);
    const http = { key: 'GET /{proxy+}', stage: 'dev', payloadFormatVersion: '1.0' };
    assert.deepEqual(pathsOf(http, '/dev/a%20b'), ['/dev/a b', '/dev/a b']);
    assert.equal(eventOf({ ...http, key: '$default' }, {}).resource, '/$default');
  });

  it("keeps the client's letters of header names, except for the host and the agent, and joins names in other letters", () => {
    const event = eventOf(
      { key: 'GET /', api: 'rest' },
      { rawHeaders: ['host', 'h:1', 'USER-AGENT', 'u', 'X-a', '1', 'x-A', '2', 'cookie', 'a=b; c=d'] },
    );
    assert.deepEqual(event.headers, { Host: 'h:1', 'User-Agent': 'u', 'X-a': '2', cookie: 'a=b; c=d' });
    assert.deepEqual(event.multiValueHeaders['X-a'], ['1', '2']);
    assert.equal(event.requestContext.domainName, 'h');
  });

  it('decodes query parameters, and takes names of Object.prototype for ordinary names', () => {
    const target = '/?a=1+2%2B3&a=&bare&__proto__=1&__proto__=2&constructor=3';
    const event = eventOf({ key: 'GET /', api: 'rest' }, { target });
    assert.deepEqual(Object.entries(event.multiValueQueryStringParameters ?? {}), [
      ['a', ['1 2+3', '']],
      ['bare', ['']],
      ['__proto__', ['1', '2']],
      ['constructor', ['3']],
    ]);
    assert.deepEqual(Object.entries(event.queryStringParameters ?? {}), [
      ['a', ''],
      ['bare', ''],
      ['__proto__', '2'],
      ['constructor', '3'],
    ]);
  });

  it('has the length of a chunked body instead of its encoding', () => {
    const event = eventOf({ key: 'GET /', api: 'rest' }, { rawHeaders: ['Transfer-Encoding', 'chunked', 'Host', 'h'] });
    announceLength(event, 7);
    assert.deepEqual(event.headers, { Host: 'h', 'Content-Length': '7' });
    assert.deepEqual(event.multiValueHeaders, { Host: ['h'], 'Content-Length': ['7'] });
  });
});
