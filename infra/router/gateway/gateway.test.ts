/** The gateway in this process, with a function that is a callback of the test. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { parseConfig } from '../config.ts';
import { parseFunction } from '../manifest.ts';
import { setLogLevel } from '../process/log.ts';
import type { Invocation, InvocationOutcome } from '../runtime/invocation.ts';
import { RouteTree } from './route-tree.ts';
import { hostOf, listeningGateway } from './testing/listening-gateway.ts';

setLogLevel('SILENT');

type Invoke = (invocation: Invocation) => InvocationOutcome | Promise<InvocationOutcome>;

interface Event {
  requestContext: { requestId: string; http: { method: string } };
}

interface Gateway {
  server: Server;
  url: string;
  port: number;
  /** Takes no more connections. */
  stop(): void;
}

/** @param invoke answers every invocation */
async function gatewayFor(t: TestContext, invoke: Invoke, env: Record<string, string> = {}): Promise<Gateway> {
  const config = parseConfig({ ...env });
  const configuration = parseFunction({ name: 'f', route: ['GET /f', 'POST /f', 'OPTIONS /own'] }, '/dist');
  const host = hostOf([{ configuration, invoke: async (invocation) => invoke(invocation) }]);
  let stopping = false;
  const { server, port } = await listeningGateway(t, config, host, new RouteTree([configuration]), {
    isStopping: () => stopping,
  });
  const stop = () => {
    stopping = true;
    server.close();
  };
  return { server, url: `http://127.0.0.1:${port}`, port, stop };
}

function proxy(head: object, body = ''): InvocationOutcome {
  return { type: 'proxy', head: Buffer.from(JSON.stringify(head)), body: Buffer.from(body) };
}

const error = { errorType: 'E', errorMessage: 'secret' };

describe('the gateway', { concurrency: true }, () => {
  it('answers 421 to a name that is not its own, and runs nothing', async (t) => {
    let invocations = 0;
    const invoke = () => {
      invocations++;
      return proxy({ statusCode: 200 });
    };
    const { port } = await gatewayFor(t, invoke, { ALLOWED_HOSTS: 'box' });
    const ask = async (host: string, path = '/f') => {
      const [response] = (await once(get({ port, path, headers: { host } }), 'response')) as [IncomingMessage];
      return { status: response.statusCode, text: await text(response) };
    };
    for (const path of ['/f', '/nowhere']) {
      const { status, text } = await ask(`rebind.test:${port}`, path);
      assert.equal(status, 421);
      assert.match(JSON.parse(text).detail, /^There is no host "rebind.test:\d+" here: add its name to ALLOWED_HOSTS$/);
    }
    assert.equal(invocations, 0);
    assert.equal((await ask('box:80')).status, 200);
  });

  it('answers every outcome of an invocation', async (t) => {
    const outcomes: [InvocationOutcome, status: number, detail: RegExp][] = [
      [{ type: 'error', error }, 500, /The function failed/],
      [{ type: 'throttled' }, 429, /in use/],
      [{ type: 'failure', reason: 'init', error }, 502, /could not be started/],
      [{ type: 'failure', reason: 'exit', error }, 502, /ended before it answered/],
      [{ type: 'failure', reason: 'size', error }, 502, /too large/],
      [{ type: 'failure', reason: 'timeout', error }, 504, /within 3 s/],
      [proxy({ statusCode: 200 }, 'x'.repeat(101)), 502, /too large/],
      [proxy({ statusCode: 99 }), 500, /no answer that can be sent/],
      [{ type: 'proxy', head: Buffer.from('{'), body: Buffer.alloc(0) }, 500, /no answer that can be sent/],
      [{ type: 'payload', payload: Buffer.from('{"a":') }, 500, /no answer that can be sent/],
    ];
    let next = proxy({ statusCode: 200 });
    const { url } = await gatewayFor(t, () => next, { MAX_PAYLOAD_BYTES: '100' });
    for (const [outcome, status, detail] of outcomes) {
      next = outcome;
      const response = await fetch(`${url}/f`);
      assert.equal(response.status, status);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
      const problem = (await response.json()) as Record<string, unknown>;
      assert.match(String(problem.detail), detail);
      assert.equal(problem.requestId, response.headers.get('x-request-id'));
      assert.doesNotMatch(JSON.stringify(problem), /secret/);
    }
  });

  it('answers with the error of INIT where developers ask for it, and with no other error', async (t) => {
    let reason: 'init' | 'exit' = 'init';
    const invoke = (): InvocationOutcome => ({ type: 'failure', reason, error });
    const { url } = await gatewayFor(t, invoke, { SHOW_INIT_ERRORS: 'on' });
    const problem = async () => (await (await fetch(`${url}/f`)).json()) as Record<string, unknown>;
    const shown = await problem();
    assert.deepEqual(shown.error, error);
    assert.equal(shown.detail, `The function could not be started: ${error.errorType}: ${error.errorMessage}`);
    reason = 'exit';
    assert.equal((await problem()).error, undefined);
  });

  it('answers 500, with nothing of the answer, where a header cannot be written', async (t) => {
    const heads: Record<string, object> = {
      'a value of two lines': { headers: { a: 'b\r\nset-cookie: c=d' } },
      'a name of two words': { headers: { 'a b': 'c' } },
      'an empty name': { headers: { '': 'c' } },
      'a value past Latin-1': { headers: { a: '€' } },
      'a cookie of two lines': { cookies: ['a=1\n'] },
    };
    let next = proxy({ statusCode: 200 });
    const { url } = await gatewayFor(t, () => next);
    for (const [what, head] of Object.entries(heads)) {
      next = proxy({ statusCode: 201, ...head }, 'body');
      const response = await fetch(`${url}/f`);
      assert.deepEqual([response.status, response.statusText], [500, 'Internal Server Error'], what);
      assert.equal(((await response.json()) as { status: number }).status, 500);
      assert.equal(response.headers.get('set-cookie'), null);
    }
    next = { type: 'stream', contentType: 'a/b\nx: y', stream: Readable.from([]) };
    assert.equal((await fetch(`${url}/f`)).status, 500);
  });

  it('answers HEAD by way of GET, without a body and with its length', async (t) => {
    let method: unknown;
    const { url } = await gatewayFor(t, ({ event }) => {
      method = (event as unknown as Event).requestContext.http.method;
      return proxy({ statusCode: 200 }, 'twelve bytes');
    });
    const response = await fetch(`${url}/f`, { method: 'HEAD' });
    assert.equal(response.headers.get('content-length'), '12');
    assert.equal(await response.text(), '');
    assert.equal(method, 'HEAD');
  });

  it('answers OPTIONS with the methods of the path, unless a function has that route', async (t) => {
    const { url } = await gatewayFor(t, () => proxy({ statusCode: 200, headers: { mine: 'yes' } }));
    const response = await fetch(`${url}/f`, { method: 'OPTIONS' });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
    assert.equal((await fetch(`${url}/own`, { method: 'OPTIONS' })).headers.get('mine'), 'yes');
  });

  it('answers 405 with Allow to a method that a path does not take, and 404 to an unknown path', async (t) => {
    const { url } = await gatewayFor(t, () => proxy({ statusCode: 200 }));
    const response = await fetch(`${url}/f`, { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
    const unknown = await fetch(`${url}/g`, { method: 'DELETE' });
    assert.equal(unknown.status, 404);
    assert.equal(((await unknown.json()) as { message: string }).message, 'Not Found');
  });

  it("gives each request an id of its own, and passes the client's trace id on", async (t) => {
    const ids: string[] = [];
    const traces: unknown[] = [];
    const { url } = await gatewayFor(t, ({ requestId, traceId, event }) => {
      assert.equal((event as unknown as Event).requestContext.requestId, requestId);
      ids.push(requestId);
      traces.push(traceId);
      return proxy({ statusCode: 200 });
    });
    await Promise.all([fetch(`${url}/f`), fetch(`${url}/f`)]);
    await fetch(`${url}/f`, { headers: { 'x-amzn-trace-id': 'Root=1-2-3' } });
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(traces, [undefined, undefined, 'Root=1-2-3']);
  });

  it('puts text bodies into the event as they are, binary ones as base64, and none for an empty one', async (t) => {
    const seen: unknown[] = [];
    const { url } = await gatewayFor(t, ({ event, body, isBase64Encoded }) => {
      seen.push([body?.toString('hex'), isBase64Encoded, event?.isBase64Encoded]);
      return proxy({ statusCode: 200 });
    });
    const send = (body: string | Buffer, type: string) =>
      fetch(`${url}/f`, { method: 'POST', body, headers: { 'content-type': type } });
    await send('{}', 'application/json');
    await send(Buffer.from([0, 255]), 'application/octet-stream');
    await send('', 'text/plain');
    assert.deepEqual(seen, [
      ['7b7d', false, false],
      ['00ff', true, true],
      [undefined, undefined, false],
    ]);
  });

  it('answers preflight requests itself, and has CORS headers on its own errors too', async (t) => {
    let invocations = 0;
    const { url } = await gatewayFor(
      t,
      () => {
        invocations++;
        return proxy({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://evil.example' } });
      },
      { CORS_ALLOW_ORIGINS: 'https://a.example', CORS_ALLOW_METHODS: 'GET' },
    );
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    for (const path of ['/f', '/own', '/nowhere']) {
      const preflight = await fetch(url + path, { method: 'OPTIONS', headers });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://a.example');
      assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET');
    }
    assert.equal(invocations, 0);
    for (const [path, origin, allowed] of [
      ['/f', 'https://a.example', 'https://a.example'],
      ['/nowhere', 'https://a.example', 'https://a.example'],
      ['/f', 'https://b.example', null],
    ] as const) {
      const { headers } = await fetch(url + path, { headers: { origin } });
      assert.equal(headers.get('access-control-allow-origin'), allowed);
    }
  });

  it('leaves CORS to the functions unless it is configured', async (t) => {
    const { url } = await gatewayFor(t, () =>
      proxy({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' } }),
    );
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    const preflight = await fetch(`${url}/f`, { method: 'OPTIONS', headers });
    assert.equal(preflight.headers.get('access-control-allow-origin'), null);
    assert.equal((await fetch(`${url}/f`, { headers })).headers.get('access-control-allow-origin'), '*');
  });

  it('closes kept connections after their response once it shuts down', async (t) => {
    const invoked = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    const { server, url, stop } = await gatewayFor(t, async () => {
      invoked.resolve();
      await proceed.promise;
      return proxy({ statusCode: 200 });
    });
    const agent = new Agent({ keepAlive: true });
    const answered = once(get(`${url}/f`, { agent }), 'response') as Promise<[IncomingMessage]>;
    await invoked.promise;
    const closed = once(server, 'close');
    stop();
    proceed.resolve();
    const [response] = await answered;
    assert.equal(response.headers.connection, 'close');
    response.resume();
    await closed;
  });

  it('closes the connection of a client that does not read its response', async (t) => {
    const { server, port } = await gatewayFor(t, () => proxy({ statusCode: 200 }, 'x'.repeat(1_000_000)), {
      REQUEST_TIMEOUT_MS: '200',
      HEADERS_TIMEOUT_MS: '100',
    });
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect(port, '127.0.0.1').pause();
    t.after(() => client.destroy());
    const [socket] = await accepted;
    client.write('GET /f HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20));
    await once(socket, 'close');
  });

  describe('with a streamed answer', { concurrency: true }, () => {
    const streamed = (stream: Readable, contentType = 'text/x-s'): InvocationOutcome => ({
      type: 'stream',
      contentType,
      stream,
    });

    it('passes each chunk on as it comes', async (t) => {
      const stream = new Readable({ read() {} });
      const { url } = await gatewayFor(t, () => streamed(stream));
      const { body, headers } = await fetch(`${url}/f`);
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      for (const piece of ['one', 'two']) {
        stream.push(piece);
        assert.equal(Buffer.from((await reader.read()).value as Uint8Array).toString(), piece);
      }
      stream.push(null);
      assert.equal((await reader.read()).done, true);
      assert.equal(headers.get('content-type'), 'text/x-s');
    });

    it('breaks the response off when the stream breaks, with an error or without', async (t) => {
      for (const failure of [new Error('broke'), undefined]) {
        const stream = new Readable({ read() {} });
        const { url } = await gatewayFor(t, () => streamed(stream));
        const response = await fetch(`${url}/f`);
        stream.push('one');
        stream.destroy(failure);
        await assert.rejects(response.text());
      }
    });

    it('breaks the response off when the stream was already broken', async (t) => {
      const stream = new Readable({ read() {} }).on('error', () => {});
      await new Promise((resolve) => stream.once('close', resolve).destroy(new Error('broke')));
      const { url } = await gatewayFor(t, () => streamed(stream));
      await assert.rejects(fetch(`${url}/f`).then((response) => response.text()));
    });

    it('destroys the stream when the client leaves', async (t) => {
      const stream = new Readable({ read() {} });
      const { url } = await gatewayFor(t, () => streamed(stream));
      const aborting = new AbortController();
      await fetch(`${url}/f`, { signal: aborting.signal });
      aborting.abort();
      await once(stream, 'close');
    });

    it('destroys the stream when the client has left before it', async (t) => {
      const stream = new Readable({ read() {} });
      const invoked = Promise.withResolvers<void>();
      const proceed = Promise.withResolvers<void>();
      const { server, url } = await gatewayFor(t, async () => {
        invoked.resolve();
        await proceed.promise;
        return streamed(stream);
      });
      const accepted = once(server, 'connection') as Promise<[Socket]>;
      const aborting = new AbortController();
      const aborted = assert.rejects(fetch(`${url}/f`, { signal: aborting.signal }));
      const [socket] = await accepted;
      await invoked.promise;
      const left = once(socket, 'close');
      aborting.abort();
      await Promise.all([aborted, left]);
      proceed.resolve();
      await once(stream, 'close');
    });

    it('answers 500 to a stream whose prelude is missing', async (t) => {
      const stream = Readable.from([Buffer.from('no prelude')]);
      const { url } = await gatewayFor(t, () =>
        streamed(stream, 'application/vnd.awslambda.http-integration-response'),
      );
      assert.equal((await fetch(`${url}/f`)).status, 500);
    });
  });
});
