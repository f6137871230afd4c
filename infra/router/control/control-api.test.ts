import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { type Router, startRouter } from '../../tests/support/router.ts';

const concurrency = { concurrency: true };
let router: Router;

before(async () => {
  router = await startRouter({ dist: 'dist/fixtures', env: { MAX_PAYLOAD_BYTES: '10000' } });
});

after(() => router?.stop());

const ask = (path: string, init?: RequestInit) => fetch(router.controlUrl + path, init);

/** Sends bytes as they are. @returns everything that the server sent until it closed the connection */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(router.controlUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

test('an unknown path is an UnknownOperationException', concurrency, async () => {
  for (const path of ['/', '/nothing', '/2015-03-31/functions/echo/aliases', '/2015-03-31/functions/%zz']) {
    const response = await ask(path);
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get('x-amzn-errortype'), 'UnknownOperationException');
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.ok(response.headers.get('x-amzn-requestid'));
    assert.deepEqual(await response.json(), { Type: 'User', message: `There is no operation at ${path}` });
  }
});

test('a method that a path does not take is a 405 with Allow', concurrency, async () => {
  const cases: [method: string, path: string, allow: string][] = [
    ['GET', '/2015-03-31/functions/echo/invocations', 'POST'],
    ['HEAD', '/2015-03-31/functions/echo/invocations', 'POST'],
    ['DELETE', '/2015-03-31/functions/echo', 'GET, HEAD'],
    ['POST', '/2015-03-31/functions', 'GET, HEAD'],
    ['PROPFIND', '/2015-03-31/functions', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of cases) {
    const response = await ask(path, { method });
    assert.deepEqual([response.status, response.headers.get('allow')], [405, allow], `${method} ${path}`);
  }
});

test('HEAD answers as GET, without a body', concurrency, async () => {
  for (const path of ['/2015-03-31/functions/', '/2015-03-31/functions/echo']) {
    const response = await ask(path, { method: 'HEAD' });
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), '');
  }
});

test('plain HTTP without an SDK invokes a function', concurrency, async () => {
  const response = await ask('/2015-03-31/functions/echo/invocations', { method: 'POST', body: '{"a":1}' });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.equal(response.headers.get('x-amz-executed-version'), '$LATEST');
  assert.deepEqual(((await response.json()) as { event: object }).event, { a: 1 });
});

test('a trace id reaches the function', concurrency, async () => {
  const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  const headers = { 'x-amzn-trace-id': trace };
  const response = await ask('/2015-03-31/functions/echo/invocations', { method: 'POST', headers });
  assert.equal(((await response.json()) as { context: { xRayTraceId: string } }).context.xRayTraceId, trace);
});

test('a body that is refused before it is read closes the connection', concurrency, async () => {
  const answer = await raw(
    'POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n{',
  );
  assert.match(answer, /^HTTP\/1.1 413 /);
  assert.match(answer, /x-amzn-errortype: RequestTooLargeException/);
  assert.match(answer, /connection: close/i);
});

test('a client that breaks off in its body does no harm to the router', concurrency, async () => {
  const socket = connect(Number(new URL(router.controlUrl).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /2015-03-31/functions/echo/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
  );
  socket.destroy();
  assert.equal((await ask('/2015-03-31/functions')).status, 200);
});

test('a request that is not HTTP is answered 400', concurrency, async () => {
  assert.match(await raw('NONSENSE\r\n\r\n'), /^HTTP\/1.1 400 /);
});

test('a page of another origin and a foreign host name are refused before anything is run', concurrency, async () => {
  const invoke = '/2015-03-31/functions/reserved-zero/invocations';
  const { host } = new URL(router.controlUrl);
  for (const [status, headers] of [
    [403, { origin: 'https://evil.example' }],
    [403, { origin: 'null' }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [403, { 'sec-fetch-site': 'same-site', origin: 'http://localhost:8501' }],
    [421, { host: 'rebind.test' }],
  ] as const) {
    for (const [method, path] of [
      ['POST', invoke],
      ['OPTIONS', invoke],
      ['POST', '/2021-11-15/functions/echo/response-streaming-invocations'],
      ['GET', '/2015-03-31/functions'],
      ['GET', '/nothing'],
    ] as const) {
      const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
      const answer = await raw(`${method} ${path} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`);
      assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), `${method} ${path} ${lines}: ${answer}`);
      assert.match(answer, /x-amzn-errortype: AccessDeniedException/);
      assert.doesNotMatch(answer, /access-control-allow/);
    }
  }
  // An invocation of this function would be a throttle.
  const metrics = await (await fetch(`${router.statusUrl}/metrics`)).text();
  assert.match(metrics, /^lambda_throttles_total\{function="reserved-zero"\} 0$/m);
  assert.equal((await ask(invoke, { method: 'POST', headers: { origin: router.controlUrl } })).status, 429);
});
