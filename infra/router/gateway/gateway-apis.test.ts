/** The gateway in this process, with routes of an HTTP API, a REST API and a function URL. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { parseConfig } from '../config.ts';
import { parseFunction } from '../manifest.ts';
import { setLogLevel } from '../process/log.ts';
import type { Invocation, InvocationOutcome } from '../runtime/invocation.ts';
import { RouteTree } from './route-tree.ts';
import { hostOf, listeningGateway } from './testing/listening-gateway.ts';

setLogLevel('SILENT');

type Invoke = (invocation: Invocation) => InvocationOutcome | Promise<InvocationOutcome>;

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

const url = { key: '$default', api: 'url' };
const every = [
  { name: 'http', route: 'POST /http' },
  { name: 'rest', route: [{ key: 'POST /rest', api: 'rest' }] },
  { name: 'v1', route: [{ key: 'POST /v1', payloadFormatVersion: '1.0' }] },
  { name: 'url', route: [url] },
];

/** @returns a function that sends a POST, or another request, and reads its JSON */
async function gatewayFor(t: TestContext, invoke: Invoke, env = {}, functions: Record<string, unknown>[] = every) {
  const config = parseConfig({ ...env });
  const configurations = functions.map((one) => parseFunction({ timeout: 60, ...one }, '/dist'));
  const host = hostOf(configurations.map((configuration) => ({ configuration, invoke: async (one) => invoke(one) })));
  const { port } = await listeningGateway(t, config, host, new RouteTree(configurations));
  return async (
    path: string,
    { method = 'POST', headers = {}, body = '' as string | Buffer } = {},
  ): Promise<Answer> => {
    const sent = httpRequest({ port, path, method, headers });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: (await json(response)) as Answer['body'] };
  };
}

function answer(value: unknown): InvocationOutcome {
  return { type: 'payload', payload: Buffer.from(JSON.stringify(value)) };
}

const paths = ['/http', '/v1', '/rest', '/url/x'];

describe('the gateway with several kinds of API', { concurrency: true }, () => {
  it('gives each route its payload format, in events and answers', async (t) => {
    const ask = await gatewayFor(t, ({ event }) =>
      answer({ statusCode: 200, multiValueHeaders: { 'x-a': ['1', '2'] }, body: JSON.stringify(event) }),
    );
    const versions: unknown[] = [];
    for (const path of paths) {
      const { headers, body } = await ask(path);
      versions.push([body.version, body.path, body.rawPath, headers['x-a']]);
    }
    assert.deepEqual(versions, [
      ['2.0', undefined, '/http', undefined],
      ['1.0', '/v1', undefined, '1, 2'],
      [undefined, '/rest', undefined, '1, 2'],
      ['2.0', undefined, '/x', undefined],
    ]);
  });

  it('finds a function URL by its host name, before any route', async (t) => {
    const ask = await gatewayFor(t, ({ event }) => answer({ event }));
    const { body } = await ask('/http', { method: 'DELETE', headers: { host: 'url.lambda-url.localhost' } });
    assert.partialDeepStrictEqual(body, {
      event: { rawPath: '/http', requestContext: { domainName: 'url.lambda-url.localhost', apiId: 'url' } },
    });
  });

  it('answers a failure and a malformed answer as the API does', async (t) => {
    const error = { errorType: 'E', errorMessage: 'secret' };
    for (const outcome of [{ type: 'error', error } as const, answer({ statusCode: 99 })]) {
      const ask = await gatewayFor(t, () => outcome);
      const answers: unknown[] = [];
      for (const path of paths) {
        const { status, body } = await ask(path);
        answers.push([status, body.message]);
      }
      assert.deepEqual(answers, [
        [500, 'Internal Server Error'],
        [500, 'Internal Server Error'],
        [502, 'Internal server error'],
        [502, 'Internal Server Error'],
      ]);
    }
  });

  it('infers no answer in format 1.0', async (t) => {
    const ask = await gatewayFor(t, () => answer({ inferred: true }));
    const statuses = [];
    for (const path of paths) statuses.push((await ask(path)).status);
    assert.deepEqual(statuses, [200, 500, 502, 200]);
  });

  it('waits as long as the API does, and for a function URL until the function times out', async (t) => {
    const done = Promise.withResolvers<InvocationOutcome>();
    const env = { INTEGRATION_TIMEOUT_MS: '50', REST_INTEGRATION_TIMEOUT_MS: '60' };
    const ask = await gatewayFor(t, () => done.promise, env);
    const late = ask('/url');
    const http = await ask('/http');
    assert.deepEqual([http.status, http.body.message], [503, 'Service Unavailable']);
    const rest = await ask('/rest');
    assert.deepEqual([rest.status, rest.body.message], [504, 'Endpoint request timed out']);
    done.resolve(answer({ statusCode: 200, body: '{}' }));
    assert.equal((await late).status, 200);
  });

  it('answers 403 to an unknown route where a REST API would, and 404 or 405 otherwise', async (t) => {
    const ask = await gatewayFor(t, () => answer({}));
    const missing = async (method: string, path: string) => {
      const { status, headers, body } = await ask(path, { method });
      return [status, body.message, headers['x-amzn-errortype']];
    };
    const forbidden = [403, 'Missing Authentication Token', 'MissingAuthenticationTokenException'];
    assert.deepEqual(await missing('GET', '/rest'), forbidden);
    assert.deepEqual(await missing('POST', '/Prod/nowhere'), forbidden);
    assert.deepEqual(await missing('POST', '/nowhere'), [404, 'Not Found', undefined]);
    assert.deepEqual(await missing('GET', '/http'), [405, 'Method Not Allowed', undefined]);
    const alone = await gatewayFor(t, () => answer({}), {}, [{ name: 'rest', route: { key: 'GET /', api: 'rest' } }]);
    assert.equal((await alone('/nowhere')).status, 403);
  });

  it('gives a REST API bodies of any type as text, and the others as base64 without a content type', async (t) => {
    const seen: unknown[] = [];
    const ask = await gatewayFor(t, ({ isBase64Encoded }) => {
      seen.push(isBase64Encoded);
      return answer({ statusCode: 200, body: '{}' });
    });
    for (const path of paths) await ask(path, { body: 'text', headers: { 'content-length': 4 } });
    assert.deepEqual(seen, [true, true, false, true]);
  });

  it('tells a function the length of a chunked body, and not that it was chunked', async (t) => {
    const ask = await gatewayFor(t, ({ event }) => answer({ statusCode: 200, body: JSON.stringify(event?.headers) }));
    for (const path of paths) {
      const { body } = await ask(path, { body: 'text', headers: { 'transfer-encoding': 'chunked' } });
      assert.equal(body['content-length'] ?? body['Content-Length'], '4', path);
      assert.doesNotMatch(JSON.stringify(body).toLowerCase(), /transfer-encoding/);
    }
  });

  it("refuses a body that makes the event larger than Lambda's 6 MB, and takes one just below", async (t) => {
    let invocations = 0;
    const invoke = () => {
      invocations++;
      return answer({ statusCode: 200, body: '{}' });
    };
    const ask = await gatewayFor(t, invoke, { MAX_PAYLOAD_BYTES: '6291456' });
    const send = (type: string, body: Buffer) => ask('/http', { body, headers: { 'content-type': type } });
    const tooLarge = await send('image/png', Buffer.alloc(5_500_000));
    assert.equal(tooLarge.status, 413);
    assert.match(String(tooLarge.body.detail), /event .* larger than 6291456 bytes/);
    assert.equal((await send('text/plain', Buffer.alloc(1_100_000, '\u0001'))).status, 413);
    assert.equal(invocations, 0);
    assert.equal((await send('image/png', Buffer.alloc(4_700_000))).status, 200);
    assert.equal((await send('text/plain', Buffer.alloc(6_280_000, 'a'))).status, 200);
  });
});
