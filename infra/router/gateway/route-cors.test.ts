/** The gateway in this process, with routes whose APIs answer pages of other origins. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { parseConfig } from '../config.ts';
import { parseFunction } from '../manifest.ts';
import { setLogLevel } from '../process/log.ts';
import { RouteTree } from './route-tree.ts';
import { hostOf, listeningGateway } from './testing/listening-gateway.ts';

setLogLevel('SILENT');

const cors = {
  allowOrigins: ['https://a.example'],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['authorization'],
  exposeHeaders: ['etag'],
  maxAge: 60,
  allowCredentials: true,
};
const functions = [
  { name: 'http', route: [{ key: 'GET /http', cors }, 'GET /none'] },
  {
    name: 'rest',
    route: [
      { key: 'GET /rest', api: 'rest', cors },
      { key: 'GET /own', api: 'rest', cors },
      { key: 'OPTIONS /own', api: 'rest' },
    ],
  },
  { name: 'url', route: [{ key: '$default', api: 'url', cors: { allowOrigins: ['*'] } }] },
  { name: 'locked', route: [{ key: 'GET /locked', cors, authorizer: { type: 'unsupported', name: 'AWS_IAM' } }] },
];

/** @returns a function that sends a request from a page, and the answer's status and CORS headers without their prefix */
async function gatewayFor(t: TestContext, env = {}) {
  const configurations = functions.map((one) => parseFunction(one, '/dist'));
  let invocations = 0;
  const answer = { statusCode: 200, headers: { 'access-control-allow-origin': 'of the function' }, body: '' };
  const invoke = async () => {
    invocations++;
    return { type: 'payload', payload: Buffer.from(JSON.stringify(answer)) } as const;
  };
  const host = hostOf(configurations.map((configuration) => ({ configuration, invoke })));
  const { port } = await listeningGateway(t, parseConfig(env), host, new RouteTree(configurations));
  return async (method: string, path: string, { origin = 'https://a.example', asks = 'GET' } = {}) => {
    const before = invocations;
    const preflight = method === 'OPTIONS' && { 'access-control-request-method': asks };
    const sent = httpRequest({ port, path, method, headers: { origin, ...preflight } });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    const headers = Object.entries(response.headers)
      .filter(([name]) => name.startsWith('access-control-'))
      .map(([name, value]) => [name.slice('access-control-'.length), value]);
    return { status: response.statusCode, invoked: invocations > before, ...Object.fromEntries(headers) };
  };
}

const allowed = {
  'allow-origin': 'https://a.example',
  'allow-methods': 'GET,PUT',
  'allow-headers': 'authorization',
  'allow-credentials': 'true',
  'max-age': '60',
};

describe('a route whose API names other origins', { concurrency: true }, () => {
  it('answers preflight requests without its function, and without its authorizer', async (t) => {
    const ask = await gatewayFor(t);
    for (const path of ['/http', '/rest', '/Prod/rest', '/locked']) {
      assert.deepEqual(await ask('OPTIONS', path), { status: 204, invoked: false, ...allowed }, path);
    }
    assert.deepEqual(await ask('OPTIONS', '/url/a'), { status: 204, invoked: false, 'allow-origin': '*' });
    assert.deepEqual(await ask('OPTIONS', '/http', { origin: 'https://b.example' }), { status: 204, invoked: false });
  });

  it('leaves an OPTIONS method of a REST API to its function, and other routes as they are', async (t) => {
    const ask = await gatewayFor(t);
    assert.equal((await ask('OPTIONS', '/own')).invoked, true);
    assert.deepEqual(await ask('OPTIONS', '/none'), { status: 204, invoked: false });
    assert.deepEqual(await ask('OPTIONS', '/http', { asks: 'PUT' }), { status: 204, invoked: false });
  });

  it('replaces the CORS headers of its function, but not those of a REST API', async (t) => {
    const ask = await gatewayFor(t);
    const own = { 'allow-origin': 'https://a.example', 'allow-credentials': 'true', 'expose-headers': 'etag' };
    assert.deepEqual(await ask('GET', '/http'), { status: 200, invoked: true, ...own });
    assert.deepEqual(await ask('GET', '/url/a'), { status: 200, invoked: true, 'allow-origin': '*' });
    const untouched = { status: 200, invoked: true, 'allow-origin': 'of the function' };
    assert.deepEqual(await ask('GET', '/rest'), untouched);
    assert.deepEqual(await ask('GET', '/none'), untouched);
  });

  it("goes before the router's own settings, which count for the other routes", async (t) => {
    const ask = await gatewayFor(t, { CORS_ALLOW_ORIGINS: 'https://b.example' });
    const origin = 'https://b.example';
    assert.deepEqual(await ask('OPTIONS', '/http', { origin }), { status: 204, invoked: false });
    assert.equal((await ask('OPTIONS', '/none', { origin }))['allow-origin'], origin);
  });
});
