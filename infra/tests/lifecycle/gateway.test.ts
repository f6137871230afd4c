/** Requests and answers through a whole router and real functions. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Router, startRouter } from '../support/router.ts';
import { json } from './environments.ts';
import { exchange } from './raw.ts';

interface Event extends Record<string, unknown> {
  headers: Record<string, string>;
  queryStringParameters: Record<string, string>;
  pathParameters: Record<string, string>;
}

describe('a request on its way to a function and back', { concurrency: true }, () => {
  let router: Router;
  before(async () => {
    router = await startRouter({
      dist: 'dist/fixtures',
      env: { STAGE_VARIABLES: '{"color":"blue"}', CORS_ALLOW_ORIGINS: 'https://a.example' },
    });
  });
  after(() => router.stop());

  const echo = async (path: string, init?: RequestInit): Promise<Event> =>
    (await json(fetch(router.url + path, init))).event as Event;

  it('arrives as it was sent', async () => {
    const event = await echo('/echo/a%2Fb%20€?x=1&x=2&y=a+b&bare', { method: 'PATCH', body: 'é' });
    assert.equal(event.routeKey, 'ANY /echo/{id}');
    assert.equal(event.rawPath, '/echo/a/b €');
    assert.deepEqual(event.pathParameters, { id: 'a/b €' });
    assert.deepEqual(event.queryStringParameters, { x: '1,2', y: 'a b', bare: '' });
    assert.deepEqual(event.stageVariables, { color: 'blue' });
    assert.equal(event.body, 'é');
    assert.equal(event.isBase64Encoded, false);
    assert.deepEqual((await echo('/greedy/a/b/c')).pathParameters, { proxy: 'a/b/c' });
  });

  it('has no keys without a value', async () => {
    const event = await echo('/echo');
    for (const key of ['cookies', 'queryStringParameters', 'pathParameters', 'body']) {
      assert.equal(Object.hasOwn(event, key), false, key);
    }
  });

  it('keeps __proto__ and other names of Object.prototype', async () => {
    const [answer] = await exchange(
      router.url,
      'GET /echo?__proto__=a&constructor=b HTTP/1.1\r\nHost: localhost\r\n__proto__: c\r\nConnection: close\r\n\r\n',
    );
    const { event } = JSON.parse(answer?.body ?? '') as { event: Event };
    assert.deepEqual(Object.entries(event.queryStringParameters), [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    assert.ok(Object.entries(event.headers).some(([name, value]) => name === '__proto__' && value === 'c'));
  });

  it('keeps a binary body byte for byte in both directions', async () => {
    const body = randomBytes(300_000);
    const response = await fetch(`${router.url}/binary-echo`, { method: 'POST', body });
    assert.equal(response.headers.get('x-was-base64'), 'true');
    assert.ok(body.equals(Buffer.from(await response.arrayBuffer())));
  });

  it('keeps cookies apart in both directions', async () => {
    const response = await fetch(`${router.url}/cookies`, { headers: { cookie: 'a=b=c; d="e, f"' } });
    assert.deepEqual(response.headers.getSetCookie(), ['session=a=b; Path=/; HttpOnly', 'theme=dark']);
    assert.deepEqual(await response.json(), ['a=b=c', 'd="e, f"']);
  });

  const answers: Record<string, [status: number, type: string, body: string | RegExp]> = {
    text: [200, 'application/json', 'just text'],
    number: [200, 'application/json', '42'],
    nothing: [200, 'application/json', 'null'],
    object: [200, 'application/json', '{"message":"hello"}'],
    list: [200, 'application/json', '[1,2]'],
    full: [418, 'text/plain; charset=utf-8', 'tea'],
    'string-status': [201, 'text/plain; charset=utf-8', 'made'],
    'object-body': [500, 'application/problem+json', /"message":"Internal Server Error"/],
    'bad-status': [500, 'application/problem+json', /"message":"Internal Server Error"/],
    'bad-headers': [500, 'application/problem+json', /"message":"Internal Server Error"/],
    'bad-header-value': [500, 'application/problem+json', /"message":"Internal Server Error"/],
    'header-injection': [500, 'application/problem+json', /"message":"Internal Server Error"/],
    circular: [500, 'application/problem+json', /"message":"Internal Server Error"/],
  };
  for (const [kind, [status, type, body]] of Object.entries(answers)) {
    it(`returns the answer "${kind}" as API Gateway does`, async () => {
      const response = await fetch(`${router.url}/answers/${kind}`);
      const text = await response.text();
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), type);
      if (typeof body === 'string') assert.equal(text, body);
      else assert.match(text, body);
    });
  }

  it('streams with status, headers and cookies before the body', async () => {
    const response = await fetch(`${router.url}/stream?chunks=3&size=2`);
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('content-type'), 'text/x-pieces');
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.equal(await response.text(), '001122');
    // The handler fails once the router has taken more than fits on the way, so after the status has left.
    await assert.rejects(fetch(`${router.url}/stream?fail=1&size=300000`).then((broken) => broken.text()));
  });

  it('sets the configured CORS headers, on errors and streams too', async () => {
    for (const path of ['/echo', '/nowhere', '/answers/circular', '/stream']) {
      const { headers, body } = await fetch(router.url + path, { headers: { origin: 'https://a.example' } });
      assert.equal(headers.get('access-control-allow-origin'), 'https://a.example', path);
      await body?.cancel();
    }
  });
});
