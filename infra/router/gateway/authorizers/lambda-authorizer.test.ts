/**
 * Lambda authorizers behind a real gateway, with functions that are callbacks of the test.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { setLogLevel } from '../../process/log.ts';
import type { InvocationOutcome } from '../../runtime/invocation.ts';
import { type AuthorizedGateway, serveAuthorized } from './testing/authorized-gateway.ts';

setLogLevel('SILENT');

type Answer = unknown | InvocationOutcome;

/** @param answer what the authorizer gives for its event; an outcome, or a value */
async function serve(
  t: TestContext,
  authorizer: object,
  answer: (event: Record<string, unknown>) => Answer | Promise<Answer>,
  more: { api?: 'rest'; env?: Record<string, string> } = {},
): Promise<AuthorizedGateway> {
  const { api, env } = more;
  const keys = ['GET /users/{id}', 'POST /users/{id}'];
  const route = api ? keys.map((key) => ({ key, api, stage: 'dev' })) : keys;
  return serveAuthorized(t, {
    route,
    authorizer: { type: 'request', function: 'authorize', ...authorizer },
    answer,
    env,
  });
}

const simple = { simpleResponses: true };
const byHeader = { ...simple, identitySource: '$request.header.Authorization' };
const token = { authorization: 'secret' };

function policy(Effect: string, Resource: string, more: object = {}): object {
  return {
    principalId: 'p',
    policyDocument: { Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
    ...more,
  };
}

describe('a Lambda authorizer of an HTTP API', { concurrency: true }, () => {
  it('gets the request in format 2.0, and its context reaches the function', async (t) => {
    const context = { name: 'Ana', roles: ['admin'], age: 30 };
    const gateway = await serve(
      t,
      { ...byHeader, identitySource: ['$request.header.X-A', '$request.querystring.b'] },
      () => ({
        isAuthorized: true,
        context,
      }),
    );
    const { status, event } = await gateway.call('/users/1?b=2&b=3', { headers: { 'x-a': 'one', cookie: 'c=d' } });
    assert.equal(status, 200);
    assert.deepEqual(event.requestContext.authorizer, { lambda: context });
    const { isBase64Encoded: _, ...rest } = event as never as Record<string, unknown>;
    const { authorizer: __, ...requestContext } = event.requestContext;
    assert.deepEqual(gateway.asked, [
      {
        ...rest,
        requestContext,
        type: 'REQUEST',
        routeArn: 'arn:aws:execute-api:us-east-1:000000000000:cadastro/$default/GET/users/1',
        identitySource: ['one', '2,3'],
      },
    ]);
  });

  it('answers 401 without asking when an identity source is missing or empty', async (t) => {
    const gateway = await serve(t, byHeader, () => ({ isAuthorized: true }));
    for (const headers of [{}, { authorization: '' }]) {
      const { status, body } = await gateway.call('/users/1', { headers });
      assert.deepEqual([status, body.message], [401, 'Unauthorized']);
    }
    assert.deepEqual([gateway.asked.length, gateway.served.length], [0, 0]);
  });

  it('is always asked when it has no identity source', async (t) => {
    const gateway = await serve(t, simple, () => ({ isAuthorized: true }));
    for (let i = 0; i < 2; i++) assert.equal((await gateway.call('/users/1')).status, 200);
    assert.equal(gateway.asked.length, 2);
    assert.deepEqual(gateway.asked[0]?.identitySource, []);
    assert.deepEqual(gateway.served[0]?.requestContext.authorizer, { lambda: null });
  });

  it('refuses with 403, and the function does not run', async (t) => {
    const gateway = await serve(t, simple, () => ({ isAuthorized: false }));
    const { status, body } = await gateway.call('/users/1', { method: 'POST', body: 'x'.repeat(100_000) });
    assert.deepEqual([status, body.message], [403, 'Forbidden']);
    assert.equal(gateway.served.length, 0);
  });

  it('may answer an IAM policy in format 2.0', async (t) => {
    const arn = 'arn:aws:execute-api:us-east-1:000000000000:cadastro/$default/GET/users/1';
    const gateway = await serve(t, {}, () => policy('Allow', arn, { context: { a: 1 } }));
    const { status, event } = await gateway.call('/users/1');
    assert.deepEqual([status, event.requestContext.authorizer], [200, { lambda: { a: 1 } }]);
    for (const [path, init] of [
      ['/users/2', {}],
      ['/users/1', { method: 'POST' }],
    ] as const) {
      const refused = await gateway.call(path, init);
      assert.deepEqual([refused.status, refused.body.message], [403, 'Forbidden']);
    }
  });

  it('gets the request in format 1.0, and answers a policy, whose context reaches a function of format 1.0 as it is', async (t) => {
    const settings = { payloadFormatVersion: '1.0', identitySource: ['$request.header.X-A', '$request.header.X-B'] };
    const authorizer = { type: 'request', function: 'authorize', ...settings };
    const route = { key: 'GET /users/{id}', payloadFormatVersion: '1.0' };
    const answer = () => policy('Allow', '*', { context: { age: 30 } });
    const gateway = await serveAuthorized(t, { route, authorizer, answer });
    const { status, event } = await gateway.call('/users/1?a=b', { headers: { 'x-a': '1', 'x-b': '2' } });
    assert.equal(status, 200);
    const context = { claims: null, scopes: null, principalId: 'p', age: 30 };
    assert.deepEqual(event.requestContext.authorizer, context);
    const { body: _, isBase64Encoded: __, ...rest } = event as never as Record<string, unknown>;
    const { authorizer: ___, ...requestContext } = event.requestContext;
    const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:cadastro/$default/GET/users/1';
    const identity = { identitySource: '1,2', authorizationToken: '1,2' };
    assert.deepEqual(gateway.asked, [{ ...rest, requestContext, type: 'REQUEST', methodArn, ...identity }]);
  });

  it('keeps an answer for its ttl by the identity sources, for all routes', async (t) => {
    const gateway = await serve(t, { ...byHeader, ttl: 300 }, ({ identitySource }) => ({
      isAuthorized: String(identitySource) === 'secret',
    }));
    for (const path of ['/users/1', '/users/2'])
      assert.equal((await gateway.call(path, { headers: token })).status, 200);
    assert.equal(gateway.asked.length, 1);
    const other = { authorization: 'other' };
    for (let i = 0; i < 2; i++) assert.equal((await gateway.call('/users/1', { headers: other })).status, 403);
    assert.equal(gateway.asked.length, 2);
  });

  it('keeps an answer for each route when $context.routeKey is an identity source', async (t) => {
    const identitySource = ['$request.header.Authorization', '$context.routeKey'];
    const gateway = await serve(t, { ...simple, identitySource, ttl: 300 }, () => ({ isAuthorized: true }));
    for (const method of ['GET', 'POST', 'GET', 'POST']) await gateway.call('/users/1', { method, headers: token });
    assert.deepEqual(
      gateway.asked.map(({ routeKey }) => routeKey),
      ['GET /users/{id}', 'POST /users/{id}'],
    );
  });

  it('shares no answer with an equal authorizer of another function, unless both name the same one', async (t) => {
    for (const [name, asked] of [
      [undefined, 2],
      ['shared', 1],
    ] as const) {
      const authorizer = { type: 'request', function: 'authorize', name, ...byHeader, ttl: 300 };
      const others = ['GET /others/{id}'];
      const answer = () => ({ isAuthorized: true });
      const gateway = await serveAuthorized(t, { route: ['GET /users/{id}'], others, authorizer, answer });
      for (const path of ['/users/1', '/others/1', '/users/2', '/others/2']) {
        assert.equal((await gateway.call(path, { headers: token })).status, 200);
      }
      assert.equal(gateway.asked.length, asked, name);
    }
  });

  it('keeps answers of several identity sources apart, wherever one value ends', async (t) => {
    const identitySource = ['$request.header.A', '$request.header.B'];
    const gateway = await serve(t, { ...simple, identitySource, ttl: 300 }, ({ identitySource }) => ({
      isAuthorized: (identitySource as string[])[0] === 'ab',
    }));
    assert.equal((await gateway.call('/users/1', { headers: { a: 'ab', b: 'c' } })).status, 200);
    assert.equal((await gateway.call('/users/1', { headers: { a: 'a', b: 'bc' } })).status, 403);
  });

  it('keeps no answer to a repeated query parameter or header for one of its values alone', async (t) => {
    // As functions of REST APIs do, it looks at the last value.
    const last = (event: Record<string, unknown>) => {
      const { queryStringParameters, headers } = event as Record<string, Record<string, string> | null>;
      const isMine = queryStringParameters?.who === 'mine' || headers?.Authorization === 'mine';
      return policy(isMine ? 'Allow' : 'Deny', '*');
    };
    const byQuery = await serve(t, { identitySource: ['method.request.querystring.who'], ttl: 300 }, last, {
      api: 'rest',
    });
    assert.equal((await byQuery.call('/users/1?who=theirs&who=mine')).status, 200);
    assert.equal((await byQuery.call('/users/1?who=theirs')).status, 403);
    const byHeader = await serve(t, { identitySource: ['method.request.header.Authorization'], ttl: 300 }, last, {
      api: 'rest',
    });
    const statusOf = async (authorization: string[]) => {
      const outgoing = request({
        port: byHeader.port,
        path: '/users/1',
        headers: ['Host', 'localhost', ...authorization.flatMap((value) => ['Authorization', value])],
      });
      const [response] = await once(outgoing.end(), 'response');
      response.resume();
      return response.statusCode;
    };
    assert.equal(await statusOf(['theirs', 'mine']), 200);
    assert.equal(await statusOf(['theirs']), 403);
  });

  it('is a failure when it streams its answer, and the stream ends', async (t) => {
    const stream = new PassThrough();
    const gateway = await serve(t, simple, () => ({ type: 'stream', stream }));
    assert.equal((await gateway.call('/users/1')).status, 500);
    assert.equal(stream.destroyed, true);
  });

  it('keeps nothing without a ttl, and no failure', async (t) => {
    const gateway = await serve(t, byHeader, () => ({ isAuthorized: true }));
    for (let i = 0; i < 2; i++) await gateway.call('/users/1', { headers: token });
    assert.equal(gateway.asked.length, 2);
    const failing = await serve(t, { ...byHeader, ttl: 300 }, () => ({}));
    for (let i = 0; i < 2; i++) assert.equal((await failing.call('/users/1', { headers: token })).status, 500);
    assert.equal(failing.asked.length, 2);
  });

  it('is asked once by equal requests that come at the same time', async (t) => {
    const gate = Promise.withResolvers<void>();
    const gateway = await serve(t, { ...byHeader, ttl: 300 }, async () => {
      await gate.promise;
      return { isAuthorized: true };
    });
    const calls = Array.from({ length: 5 }, () => gateway.call('/users/1', { headers: token }));
    const other = gateway.call('/users/1', { headers: { authorization: 'other' } });
    await gateway.untilAsked(2);
    gate.resolve();
    for (const { status } of await Promise.all([...calls, other])) assert.equal(status, 200);
    assert.equal(gateway.asked.length, 2);
  });

  it('forgets old answers when they fill its memory', async (t) => {
    const env = { AUTHORIZER_CACHE_BYTES: '65536' };
    const gateway = await serve(t, { ...byHeader, ttl: 300 }, () => ({ isAuthorized: true }), { env });
    const call = (name: number) => gateway.call('/users/1', { headers: { authorization: `${name}` } });
    for (let i = 0; i < 100; i++) assert.equal((await call(i)).status, 200);
    await call(99);
    assert.equal(gateway.asked.length, 100);
    await call(0);
    assert.equal(gateway.asked.length, 101);
  });

  it('answers 500 when it fails or answers nonsense, 401 to the error Unauthorized, and 429 or 503 when it has no room', async (t) => {
    const error = { errorType: 'Error', errorMessage: 'secret' };
    const answers: [Answer, status: number, message: string][] = [
      [{}, 500, 'Internal Server Error'],
      [null, 500, 'Internal Server Error'],
      [{ isAuthorized: 'yes' }, 500, 'Internal Server Error'],
      [{ isAuthorized: true, context: [] }, 500, 'Internal Server Error'],
      [{ statusCode: 200, isAuthorized: false }, 403, 'Forbidden'],
      [{ type: 'error', error }, 500, 'Internal Server Error'],
      [{ type: 'failure', reason: 'timeout', error }, 500, 'Internal Server Error'],
      [{ type: 'failure', reason: 'init', error }, 500, 'Internal Server Error'],
      [{ type: 'error', error: { errorType: 'Error', errorMessage: 'Unauthorized' } }, 401, 'Unauthorized'],
      [{ type: 'throttled' }, 429, 'Too Many Requests'],
      [{ type: 'throttled', overloaded: true }, 503, 'Service Unavailable'],
    ];
    let next: Answer;
    const gateway = await serve(t, simple, () => next);
    for (const [answer, status, message] of answers) {
      next = answer;
      const response = await gateway.call('/users/1');
      assert.deepEqual([response.status, response.body.message], [status, message], JSON.stringify(answer));
      assert.doesNotMatch(JSON.stringify(response.body), /secret/);
    }
    assert.equal(gateway.served.length, 0);
  });

  it('shares the time that a request may wait', async (t) => {
    const env = { INTEGRATION_TIMEOUT_MS: '50' };
    const gateway = await serve(t, simple, () => new Promise(() => {}), { env });
    const { status } = await gateway.call('/users/1');
    assert.deepEqual([status, gateway.served.length], [503, 0]);
  });

  it('decides before the body is read and before 100 Continue', async (t) => {
    const gateway = await serve(t, simple, () => ({ isAuthorized: false }));
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST /users/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    let text = '';
    for await (const chunk of socket) {
      text += chunk;
      if (text.includes('\r\n\r\n')) break;
    }
    assert.match(text, /^HTTP\/1.1 403 /);
  });

  it('reads the body of a request that it allows', async (t) => {
    const gateway = await serve(t, simple, () => ({ isAuthorized: true }));
    const { status } = await gateway.call('/users/1', { method: 'POST', body: 'abc' });
    assert.deepEqual([status, gateway.bodies], [200, ['abc']]);
  });

  it('takes no further step for a client that has left', async (t) => {
    const gate = Promise.withResolvers<void>();
    const gateway = await serve(t, simple, async () => {
      await gate.promise;
      return { isAuthorized: true };
    });
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST /users/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n');
    await gateway.untilAsked(1);
    socket.destroy();
    await gateway.untilConnections(0);
    gate.resolve();
    assert.equal((await gateway.call('/users/2')).status, 200);
    assert.equal(gateway.served.length, 1);
  });
});

describe('a REQUEST authorizer of a REST API', { concurrency: true }, () => {
  it('gets the request without a body, and answers 401 without one of its identity sources', async (t) => {
    const identitySource = ['method.request.header.X-A', 'method.request.querystring.b'];
    const gateway = await serve(t, { identitySource }, () => policy('Allow', '*'), { api: 'rest' });
    assert.equal((await gateway.call('/dev/users/1', { headers: { 'x-a': '1' } })).status, 401);
    const { status, event } = await gateway.call('/dev/users/1?b=2', { headers: { 'x-a': '1' } });
    assert.equal(status, 200);
    const { body: _, isBase64Encoded: __, ...rest } = event as never as Record<string, unknown>;
    const { authorizer: ___, ...requestContext } = event.requestContext;
    const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:cadastro/dev/GET/users/1';
    assert.deepEqual(gateway.asked, [{ type: 'REQUEST', methodArn, ...rest, requestContext }]);
    assert.equal(rest.path, '/users/1');
  });
});

describe('a TOKEN authorizer of a REST API', { concurrency: true }, () => {
  const settings = { type: 'token', ttl: 300, validation: '^Bearer \\S+$' };
  const headers = { authorization: 'Bearer a' };
  const arn = 'arn:aws:execute-api:us-east-1:000000000000:cadastro/dev/GET/users/1';

  it('gets the token and the ARN, and its context reaches the function as texts', async (t) => {
    const context = { text: 'a', number: 1, yes: true, none: null };
    const gateway = await serve(t, settings, () => policy('Allow', '*', { context }), { api: 'rest' });
    const { status, event } = await gateway.call('/dev/users/1?a=b', { headers });
    assert.equal(status, 200);
    assert.deepEqual(gateway.asked, [{ type: 'TOKEN', authorizationToken: 'Bearer a', methodArn: arn }]);
    const { integrationLatency, ...authorizer } = event.requestContext.authorizer as Record<string, unknown>;
    assert.deepEqual(authorizer, { principalId: 'p', text: 'a', number: '1', yes: 'true', none: 'null' });
    assert.equal(typeof integrationLatency, 'number');
  });

  it('answers 401 without asking when the token is missing or does not match the expression', async (t) => {
    const gateway = await serve(t, settings, () => policy('Allow', '*'), { api: 'rest' });
    for (const headers of [{}, { authorization: 'a' }]) {
      const response = await gateway.call('/users/1', { headers });
      assert.deepEqual([response.status, response.body.message], [401, 'Unauthorized']);
      assert.equal(response.headers.get('x-amzn-errortype'), 'UnauthorizedException');
    }
    assert.equal(gateway.asked.length, 0);
  });

  it('applies the policy that it keeps to each method and path', async (t) => {
    const gateway = await serve(t, settings, () => policy('Allow', arn), { api: 'rest' });
    assert.equal((await gateway.call('/users/1', { headers })).status, 200);
    const { status, body } = await gateway.call('/users/2', { headers });
    assert.deepEqual([status, body.message], [403, 'User is not authorized to access this resource']);
    assert.equal(gateway.asked.length, 1);
  });

  it('decides by the path that the route matched, however it is written', async (t) => {
    const gateway = await serve(t, settings, () => policy('Deny', arn), { api: 'rest' });
    const answer = policy('Allow', '*') as { policyDocument: { Statement: unknown[] } };
    answer.policyDocument.Statement.push({ Action: '*', Effect: 'Deny', Resource: arn });
    const denying = await serve(t, settings, () => answer, { api: 'rest' });
    for (const path of ['/users/1', '//users//1', '/%75sers/%31', '/dev/users/1', '/users/1?a=b']) {
      assert.equal((await denying.call(path, { headers })).status, 403, path);
    }
    assert.equal((await denying.call('/users/2', { headers })).status, 200);
    await gateway.call('/users/a%2Fb', { headers });
    assert.match(String(gateway.asked[0]?.methodArn), /\/GET\/users\/a%2Fb$/);
  });

  it('says when the policy denies explicitly', async (t) => {
    const gateway = await serve(t, settings, () => policy('Deny', '*'), { api: 'rest' });
    const { status, body, headers: received } = await gateway.call('/users/1', { headers });
    assert.equal(status, 403);
    assert.equal(body.message, 'User is not authorized to access this resource with an explicit deny');
    assert.equal(received.get('x-amzn-errortype'), 'AccessDeniedException');
  });

  it('answers 500 to an answer that is no policy, or has more than texts in its context', async (t) => {
    const answers = ['x', { principalId: 'p' }, policy('Allow', '*', { context: { a: {} } })];
    for (const answer of answers) {
      const gateway = await serve(t, settings, () => answer, { api: 'rest' });
      const { status, body, headers: received } = await gateway.call('/users/1', { headers });
      assert.deepEqual([status, body.message], [500, null]);
      assert.equal(received.get('x-amzn-errortype'), 'AuthorizerConfigurationException');
    }
  });
});
