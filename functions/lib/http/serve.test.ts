import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { setLogLevel } from '../logger.ts';
import { readJson } from './body.ts';
import { serve } from './serve.ts';

setLogLevel('SILENT');

const handler = serve((routes) => {
  routes.post('/echo/:id', (request, response) =>
    response.json({ body: readJson(request), id: request.pathParameters?.id }),
  );
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
  return { ...result, problem: result.body ? JSON.parse(result.body) : undefined };
}

const json = { 'content-type': 'application/json' };

it('hands over the body, plain or in base64', async () => {
  const body = '{"name":"Zoë"}';
  const base64 = Buffer.from(body).toString('base64');
  const pathParameters = { id: 'ä' };
  const plain = await call('POST', '/echo/%C3%A4', { body, headers: json, pathParameters });
  assert.equal(plain.body, '{"body":{"name":"Zoë"},"id":"ä"}');
  const encoded = await call('POST', '/echo/%C3%A4', {
    body: base64,
    isBase64Encoded: true,
    headers: json,
    pathParameters,
  });
  assert.equal(encoded.body, plain.body);
});

it('never shows the text of an unexpected error', async () => {
  for (const path of ['/fails', '/fails-later']) {
    const { statusCode, headers, body, problem } = await call('GET', path);
    assert.equal(statusCode, 500);
    assert.equal(headers?.['content-type'], 'application/problem+json');
    assert.equal(problem.type, 'urn:cadastro:problem:internal-error');
    assert.equal(problem.requestId, 'r1');
    assert.doesNotMatch(body ?? '', /hunter2|secret|TypeError/);
  }
});

it('answers 404 and 405 inside the function as well', async () => {
  assert.equal((await call('GET', '/elsewhere')).statusCode, 404);
  const wrong = await call('DELETE', '/fails');
  assert.equal(wrong.statusCode, 405);
  assert.equal(wrong.headers?.allow, 'POST, GET, HEAD');
});

it('answers each of many requests at once with its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 3 === 0 ? call('GET', '/fails-later') : call('POST', '/echo/1', { body: `{"n":${n}}`, headers: json }),
    ),
  );
  for (const [n, { statusCode, problem }] of answers.entries()) {
    if (n % 3 === 0) assert.equal(statusCode, 500);
    else assert.equal(problem.body.n, n);
  }
});

it('is not disturbed by cookies and headers that make no sense', async () => {
  const { statusCode } = await call('POST', '/echo/1', {
    body: '1',
    cookies: ['a=%'],
    headers: { ...json, cookie: 'b=%zz', authorization: 'Basic', 'if-none-match': 'x' },
  });
  assert.equal(statusCode, 200);
});

it('refuses a body above 1 MiB even if a gateway let it through', async () => {
  const body = JSON.stringify('x'.repeat(1024 * 1024));
  assert.equal((await call('POST', '/echo/1', { body, headers: json })).statusCode, 413);
});
