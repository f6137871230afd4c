/** Compares the HTTP answers of functions under aws-lambda-ric with those under the router's own client. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ricSuite } from '../support/ric.ts';
import { type Router, startRouter } from '../support/router.ts';

interface ComparedResponse {
  status: number;
  headers: Record<string, string | string[]>;
  /** The value of a JSON body; any other body as text. */
  body: unknown;
}

/** Headers that differ from one request to the next, and are not compared. */
const volatileHeaders = ['date', 'x-request-id', 'server-timing', 'content-length'];

async function ask(router: Router, path: string, init?: RequestInit): Promise<ComparedResponse> {
  const response = await fetch(router.url + path, init);
  const headers: ComparedResponse['headers'] = {};
  for (const [name, value] of response.headers) if (!volatileHeaders.includes(name)) headers[name] = value;
  if (headers['set-cookie']) headers['set-cookie'] = response.headers.getSetCookie();
  let body: unknown;
  try {
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('latin1');
    body = /json/.test(response.headers.get('content-type') ?? '') && /^[{[]/.test(text) ? JSON.parse(text) : text;
  } catch {
    body = 'broken off';
  }
  return { status: response.status, headers, body: withoutVolatile(body) };
}

/** Removes the fields that differ from one process, request or moment to the next. */
function withoutVolatile(body: unknown): unknown {
  const ids = ['pid', 'requestId', 'awsRequestId', 'xRayTraceId', 'logStreamName', 'traceparent'];
  const volatile = [...ids, 'time', 'timeEpoch', 'host', 'domainName'];
  const json = JSON.stringify(body, (key, value) => (volatile.includes(key) ? undefined : value));
  return json === undefined ? undefined : JSON.parse(json);
}

ricSuite('the answers under aws-lambda-ric are those under the own client', () => {
  let ric: Router;
  let node: Router;
  before(async () => {
    const start = (runtime: string) => startRouter({ dist: 'dist/fixtures', env: { FUNCTION_RUNTIME: runtime } });
    [ric, node] = await Promise.all([start('ric'), start('node')]);
  });
  after(() => Promise.all([ric?.stop(), node?.stop()]));

  const same = (what: string, status: number | undefined, path: string, init?: RequestInit) =>
    test(what, async () => {
      const [under, own] = await Promise.all([ask(ric, path, init), ask(node, path, init)]);
      if (status !== undefined) assert.equal(own.status, status);
      assert.deepEqual(under, own);
    });

  for (const kind of [
    'text',
    'number',
    'nothing',
    'object',
    'list',
    'full',
    'empty',
    'string-status',
    'object-body',
    'bad-status',
    'bad-headers',
    'bad-header-value',
    'header-injection',
    'circular',
  ]) {
    // The test compares the status of both, whatever it is. The tests of the gateway check its value.
    same(`an answer in the form "${kind}"`, undefined, `/answers/${kind}`);
  }

  same('the event of a GET', 200, '/echo/a%20b?x=1&x=2&y=%C3%BC', { headers: { cookie: 'a=1; b=2', 'x-y': 'z' } });
  same('the event of a text body', 200, '/echo', { method: 'POST', body: '{"name":"João \\"J\\""}\n🙂' });
  same('the event of a binary body', 200, '/echo', { method: 'PUT', body: new Uint8Array([0, 255, 254, 128]) });
  same('the event of an empty body', 200, '/echo', { method: 'POST', body: '' });
  same('bytes there and back', 200, '/binary-echo', {
    method: 'POST',
    body: Uint8Array.from({ length: 70_000 }, (_, index) => index % 256),
    headers: { 'content-type': 'application/octet-stream' },
  });
  same('cookies', 200, '/cookies', { headers: { cookie: 'session=a=b; theme=dark' } });

  same('an error in the handler', 500, '/handled-error?throw=1');
  same('an exit', 502, '/crash?how=exit');
  same('a SIGKILL', 502, '/crash?how=kill');
  same('an uncaught error', 502, '/crash?how=throw');
  same('an unhandled rejection', 502, '/crash?how=rejection');
  same('a memory hog', 502, '/memory-hog');
  same('an endless loop', 504, '/endless-loop');
  same('a slow answer', 200, '/slow?ms=20');
  same('a time-out', 504, '/times-out');
  same('an INIT error', 502, '/init-error');
  same('an answer within the payload limit', 200, `/huge-answer?bytes=${1024 * 1024}`);
  same('an answer past the payload limit', 502, `/huge-answer?bytes=${1024 * 1024 + 1}`);
  same("an answer past Lambda's limit", 502, `/huge-answer?bytes=${7 * 1024 * 1024}`);

  same('a stream with a prelude', 201, '/stream');
  same('a stream without a prelude', 200, '/stream?plain=1');
  same('a large stream', 201, '/stream?chunks=100&size=65536');
  same('a stream that breaks off', 201, '/stream?fail=1&size=300000');
  same('an empty stream', 200, '/stream?plain=1&chunks=0');

  test('an INIT that never ends', async () => {
    const path = '/init-slow';
    const env = { INIT_TIMEOUT_MS: '1000' };
    const start = (runtime: string) =>
      startRouter({ dist: 'dist/fixtures', functions: ['init-slow'], env: { ...env, FUNCTION_RUNTIME: runtime } });
    const routers = await Promise.all([start('ric'), start('node')]);
    const [under, own] = await Promise.all(routers.map((router) => ask(router, path)));
    await Promise.all(routers.map((router) => router.stop()));
    assert.equal(own?.status, 502);
    assert.deepEqual(under, own);
  });
});
