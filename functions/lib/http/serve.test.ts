import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { setLogLevel } from '../logger.ts';
import { readJson } from './body.ts';
import { eventOf } from './event.ts';
import { serve } from './serve.ts';

setLogLevel('SILENT');

const handler = serve((routes) => {
  routes.post('/echo/:id', (request, response) => response.json({ body: readJson(request), id: request.params.id }));
  routes.get('/echo/:id', async (request, response) => {
    await new Promise(setImmediate);
    const { headers, cookies, query, params, path, rawBody, isBase64Encoded, auth } = request;
    const { rawQueryString } = eventOf(request);
    response.json({ headers, cookies, query, params, path, rawBody, isBase64Encoded, auth, rawQueryString });
  });
  routes.put('/written', (_request, response) => response.header('etag', '"2"').json({ version: 2 }));
  routes.get('/fails', () => {
    throw new Error('the password is hunter2');
  });
  routes.get('/fails-later', async () => {
    await Promise.reject(new TypeError('secret'));
  });
});

function event(method: string, path: string, more: Partial<APIGatewayProxyEventV2> = {}): APIGatewayProxyEventV2 {
  const requestContext = { http: { method, path }, requestId: 'r1' } as APIGatewayProxyEventV2['requestContext'];
  const common = { version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: '', isBase64Encoded: false };
  return { ...common, headers: {}, requestContext, ...more };
}

async function call(...args: Parameters<typeof event>) {
  const result = await handler(event(...args), { awsRequestId: 'r1' } as Context);
  return { ...result, json: result.body ? JSON.parse(result.body) : undefined };
}

const json = { 'content-type': 'application/json' };

it('gives a handler the headers, query and body that the client sent', async () => {
  const sent = {
    headers: { authorization: 'Bearer a.b.c', 'x-list': 'one, two', host: 'localhost' },
    rawQueryString: 'q=a%2Cb&q=c',
    queryStringParameters: { q: 'a,b,c' },
    body: Buffer.from([0xff, 0x00]).toString('base64'),
    isBase64Encoded: true,
  };
  const { json: seen } = await call('GET', '/echo/1', sent);
  assert.deepEqual(seen, {
    headers: sent.headers,
    cookies: {},
    query: sent.queryStringParameters,
    params: { id: '1' },
    path: '/echo/1',
    rawBody: sent.body,
    isBase64Encoded: true,
    auth: { type: 'Bearer', value: 'a.b.c' },
    rawQueryString: sent.rawQueryString,
  });
});

it('gives a handler every parameter, so that it can refuse an unknown one', async () => {
  const parameters = JSON.parse('{"__proto__":"1","constructor":"2"}');
  const { body = '' } = await call('GET', '/echo/1', { queryStringParameters: parameters });
  assert.ok(body.includes('"query":{"__proto__":"1","constructor":"2"}'), body);
});

it('says that a write has happened, also to a client that names the new state in If-None-Match', async () => {
  const { statusCode, body } = await call('PUT', '/written', { headers: { 'if-none-match': '"2"' } });
  assert.deepEqual([statusCode, body], [200, '{"version":2}']);
});

it('keeps browsers from taking any answer for a page', async () => {
  for (const path of ['/echo/1', '/fails', '/nothing']) {
    assert.equal((await call('GET', path)).headers?.['x-content-type-options'], 'nosniff', path);
  }
});

it('gives each of many simultaneous requests its own event', async () => {
  const queries = Array.from({ length: 20 }, (_, number) => `n=${number}`);
  const answers = await Promise.all(queries.map((rawQueryString) => call('GET', '/echo/1', { rawQueryString })));
  assert.deepEqual(
    answers.map((answer) => answer.json.rawQueryString),
    queries,
  );
});

it('gives a handler the path parameter that the gateway matched, whatever it contains', async () => {
  for (const id of ['ä', 'a/b', 'a?b', ' ', 'constructor', '__proto__', '*', '100%', '%2F', ':id']) {
    const path = `/echo/${id}`;
    const { json: seen, statusCode } = await call('GET', path, {
      routeKey: 'GET /echo/{id}',
      pathParameters: { id },
    });
    assert.equal(statusCode, 200, id);
    assert.equal(seen.params.id, id);
    assert.equal(seen.path, path);
  }
});

it('answers a request whose cookies or headers are malformed, and parses no cookie', async () => {
  const { statusCode, json: seen } = await call('GET', '/echo/1', {
    cookies: ['a=%', 'b={"c":1}', '=', 'bare', '__proto__={"admin":true}'],
    headers: { cookie: 'e=%zz', authorization: 'Basic %%%', 'content-type': '%', 'if-none-match': 'x', accept: '' },
  });
  assert.equal(statusCode, 200);
  assert.deepEqual(seen.cookies, {});
});

it('parses a JSON body, plain or in base64', async () => {
  const body = '{"name":"Zoë"}';
  const plain = await call('POST', '/echo/1', { body, headers: json });
  assert.equal(plain.body, '{"body":{"name":"Zoë"},"id":"1"}');
  const base64 = Buffer.from(body).toString('base64');
  const encoded = await call('POST', '/echo/1', { body: base64, isBase64Encoded: true, headers: json });
  assert.equal(encoded.body, plain.body);
});

it('refuses a body that is missing, not JSON, not UTF-8 or not declared as JSON', async () => {
  const latin1 = Buffer.from('"é"', 'latin1').toString('base64');
  const cases: [number, Partial<APIGatewayProxyEventV2>][] = [
    [400, { headers: json }],
    [400, { headers: json, body: '' }],
    [400, { headers: json, body: 'text' }],
    [400, { headers: json, body: latin1, isBase64Encoded: true }],
    [415, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' }],
    [415, { headers: {}, body: '1' }],
    [415, { headers: { ...json, 'content-encoding': 'gzip' }, body: '1' }],
    [200, { headers: { ...json, 'content-encoding': 'identity' }, body: '1' }],
  ];
  for (const [status, more] of cases) assert.equal((await call('POST', '/echo/1', more)).statusCode, status);
});

it('refuses a body above 1 MiB even if a gateway let it through', async () => {
  const body = JSON.stringify('x'.repeat(1024 * 1024));
  assert.equal((await call('POST', '/echo/1', { body, headers: json })).statusCode, 413);
});

it('refuses a body that is cheap to send and expensive to parse', async () => {
  const members = JSON.stringify(Object.fromEntries(Array.from({ length: 80_000 }, (_, index) => [`k${index}`, 1])));
  for (const body of [members, '['.repeat(500_000), `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`]) {
    const { statusCode, body: answer = '' } = await call('POST', '/echo/1', { body, headers: json });
    assert.equal(statusCode, 400);
    assert.equal(JSON.parse(answer).type, 'urn:cadastro:problem:body-too-complex');
  }
});

it('never parses the body of a request whose handler does not', async (test) => {
  const parse = test.mock.method(JSON, 'parse');
  await call('GET', '/echo/1', { body: '{"a":1}', headers: json });
  assert.ok(parse.mock.calls.every(({ arguments: [text] }) => text !== '{"a":1}'));
});

it('never shows the text of an unexpected error', async () => {
  for (const path of ['/fails', '/fails-later']) {
    const { statusCode, headers, body, json: problem } = await call('GET', path);
    assert.equal(statusCode, 500);
    assert.equal(headers?.['content-type'], 'application/problem+json');
    assert.equal(problem.type, 'urn:cadastro:problem:internal-error');
    assert.equal(problem.requestId, 'r1');
    assert.equal(problem.instance, path);
    assert.doesNotMatch(body ?? '', /hunter2|secret|TypeError/);
  }
});

it('answers 404, and 405 with Allow, to an event of another route', async () => {
  assert.equal((await call('GET', '/elsewhere')).statusCode, 404);
  const wrong = await call('DELETE', '/fails');
  assert.equal(wrong.statusCode, 405);
  assert.equal(wrong.headers?.allow, 'POST, GET, PUT, HEAD');
});

it('answers 500 to an event that API Gateway would not send', async () => {
  const broken = { queryStringParameters: { a: 1 as unknown as string } };
  assert.equal((await call('GET', '/echo/1', broken)).statusCode, 500);
});

it('keeps simultaneous successes and failures apart', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 3 === 0 ? call('GET', '/fails-later') : call('POST', '/echo/1', { body: `{"n":${n}}`, headers: json }),
    ),
  );
  for (const [n, { statusCode, json: answer }] of answers.entries()) {
    if (n % 3 === 0) assert.equal(statusCode, 500);
    else assert.equal(answer.body.n, n);
  }
});
