/**
 * Properties of responses: the gateway runs in this process, and its function answers what the test says. A strict parser
 * reads the bytes on the connection. An answer that slips a line break into the head shows in the response after it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { preludeDelimiter, preludeType } from '../../wire/prelude.ts';
import { parseConfig } from '../config.ts';
import { createLimits } from '../http/limits.ts';
import { parseFunction } from '../manifest.ts';
import { setLogLevel } from '../process/log.ts';
import { FunctionMetrics } from '../runtime/function-metrics.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { InvocationOutcome } from '../runtime/invocation.ts';
import { createGateway } from './gateway.ts';
import { RouteTree } from './route-tree.ts';

setLogLevel('SILENT');

interface Response {
  status: number;
  headers: [name: string, value: string][];
  body: Buffer;
}

const marker = 'after the answer';
const framing = ['Content-Length', 'transfer-encoding', 'Connection', 'keep-alive', 'Upgrade', 'te', 'TRAILER'];

const text = fc.string({
  unit: fc.constantFrom(...'ab :;,"\t\r\n\0\x7fé€\u0100', '\r\n\r\nHTTP/1.1 200 OK\r\n'),
  maxLength: 9,
});
const token = fc.string({ unit: fc.constantFrom(..."!#$%&'*+-.^_`|~aZ0"), minLength: 1, maxLength: 9 });
const fieldValue = fc.string({ unit: fc.constantFrom(...'ab :;,="\té\u00ff'), maxLength: 9 });
/** 204 and 304 have no body, so that Node.js treats them apart. */
const status = fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(204, 304));

/** Answers that can be sent: the forms of the documentation. */
const goodAnswer = fc.record(
  {
    statusCode: fc.oneof(status, status.map(String)),
    headers: fc.option(
      fc.dictionary(fc.oneof(token, fc.constantFrom(...framing)), fc.oneof(fieldValue, fc.integer(), fc.boolean())),
    ),
    cookies: fc.option(fc.array(fieldValue)),
    body: fc.option(fc.string({ unit: 'binary' })),
    isBase64Encoded: fc.boolean(),
  },
  { requiredKeys: ['statusCode'] },
);

const oddStatus = fc.constantFrom(99, 100, 199, 600, 200.5, '', null, true);
const oddHeaders = fc.dictionary(fc.oneof(token, text), fc.oneof(text, fieldValue, fc.jsonValue()));
const oddCookies = fc.array(fc.oneof(text, fc.jsonValue()));
/** Any JSON that a handler may return. Most of it is an answer of the documentation with one odd member. */
const anyAnswer = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc
    .tuple(
      goodAnswer,
      fc.oneof(
        fc.record({ statusCode: fc.oneof(oddStatus, fc.jsonValue()) }),
        fc.record({ headers: fc.oneof(oddHeaders, fc.jsonValue()) }),
        fc.record({ cookies: fc.oneof(oddCookies, fc.jsonValue()) }),
        fc.record({ body: fc.oneof(text, fc.array(fc.nat()), fc.jsonValue()) }),
        fc.record({ isBase64Encoded: fc.jsonValue() }),
      ),
    )
    .map(([answer, odd]) => ({ ...answer, ...odd })),
);

/**
 * Starts a gateway for a function f, whose answers the test gives, and a function g, which gives the marker.
 * @returns a function that asks f and then g on one connection, and returns the response of f
 */
async function startGateway(t: TestContext): Promise<(answer: InvocationOutcome) => Promise<Response>> {
  let answer: InvocationOutcome = { type: 'throttled' };
  const functions = ['f', 'g'].map((name) => parseFunction({ name, route: `GET /${name}` }, '/dist'));
  const pools = functions.map((configuration) => {
    const invoke = async () => (configuration.name === 'f' ? answer : payloadOf(marker));
    return [configuration.name, { configuration, invoke }] as const;
  });
  const host = { pools: new Map(pools), metrics: new FunctionMetrics() } as unknown as FunctionHost;
  const routes = new RouteTree(functions);
  const config = parseConfig({});
  const limits = createLimits(config);
  const server = createGateway({
    config,
    host,
    limits,
    routes: () => routes,
    authorizerOf: () => undefined,
    isStopping: () => false,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return async (next) => {
    answer = next;
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET /f HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.write('GET /g HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const [response, last, ...others] = parseResponses(await buffer(socket));
    assert.ok(response && last && others.length === 0, 'there are not two responses');
    assert.equal(last.body.toString(), marker);
    return response;
  };
}

/** Parses all bytes that a connection got. */
function parseResponses(bytes: Buffer): Response[] {
  if (bytes.length === 0) return [];
  const headEnd = bytes.indexOf('\r\n\r\n');
  assert.notEqual(headEnd, -1, `no response: ${JSON.stringify(bytes.toString())}`);
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [, code] = /^HTTP\/1\.1 (\d{3}) [\t\x20-\x7e]*$/.exec(statusLine) ?? [];
  assert.ok(code, `status line ${JSON.stringify(statusLine)}`);
  const headers = lines.map((line): [string, string] => {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+): ([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    assert.ok(name !== undefined && value !== undefined, `header ${JSON.stringify(line)}`);
    return [name, value];
  });
  const lengths = headers.filter(([name]) => name.toLowerCase() === 'content-length').map(([, value]) => Number(value));
  assert.ok(!headers.some(([name]) => name.toLowerCase() === 'transfer-encoding'), 'a whole answer is not chunked');
  const isBodiless = code === '204' || code === '304';
  assert.equal(lengths.length, isBodiless ? 0 : 1, `${lengths.length} Content-Length headers`);
  const end = headEnd + 4 + (lengths[0] ?? 0);
  assert.ok(end <= bytes.length, 'the connection ended within a body');
  return [
    { status: Number(code), headers, body: bytes.subarray(headEnd + 4, end) },
    ...parseResponses(bytes.subarray(end)),
  ];
}

const payloadOf = (value: unknown): InvocationOutcome => ({
  ...{ type: 'payload', payload: Buffer.from(JSON.stringify(value)) },
});

describe('every answer of a function', { concurrency: true }, () => {
  it('is sent with its status, headers, cookies and body where it has the form of the documentation', async (t) => {
    const respond = await startGateway(t);
    await holds(
      fc.asyncProperty(goodAnswer, async (answer) => {
        const { statusCode, headers, cookies, body, isBase64Encoded } = answer;
        const response = await respond(payloadOf(answer));
        assert.equal(response.status, Number(statusCode));
        const own = Object.entries(headers ?? {}).filter(([name]) => !framing.includes(name));
        const sent = [
          ...own.map(([name, value]) => [name, String(value)]),
          ...(cookies ?? []).map((cookie) => ['set-cookie', cookie]),
        ];
        const shown = response.headers.filter(
          ([name]) => !/^(content-(type|length)|x-request-id|date|connection|keep-alive)$/i.test(name),
        );
        assert.deepEqual(shown, sent);
        const isBodiless = response.status === 204 || response.status === 304;
        const bytes = Buffer.from(isBodiless ? '' : (body ?? ''), isBase64Encoded ? 'base64' : 'utf8');
        assert.ok(response.body.equals(bytes), `${response.body}`);
      }),
    );
  });

  it('is one response, whose status it gives or is 500, whatever it is', async (t) => {
    const respond = await startGateway(t);
    await holds(
      fc.asyncProperty(anyAnswer, async (answer) => {
        const { status, headers, body } = await respond(payloadOf(answer));
        assert.ok(status >= 200 && status <= 599, String(status));
        assert.equal(headers.filter(([name]) => name === 'x-request-id').length, 1);
        const isProxy = typeof answer === 'object' && answer !== null && 'statusCode' in answer;
        if (!isProxy) {
          assert.equal(status, 200);
          assert.equal(body.toString(), typeof answer === 'string' ? answer : JSON.stringify(answer));
        } else {
          const hasTextOnly = typeof (answer.body ?? '') === 'string';
          assert.ok(status === 500 || (hasTextOnly && status === Number(answer.statusCode)), String(status));
        }
      }),
    );
  });

  it('is one response when its body comes apart from its head, even if the head is not JSON', async (t) => {
    const respond = await startGateway(t);
    const head = fc.oneof(
      anyAnswer.map((answer) => JSON.stringify(answer)),
      text,
    );
    await holds(
      fc.asyncProperty(head, fc.uint8Array(), async (head, bytes) => {
        const sent = Buffer.from(bytes);
        const { status, body } = await respond({ type: 'proxy', head: Buffer.from(head), body: sent });
        if (status !== 500 && status !== 204 && status !== 304) assert.ok(body.equals(sent));
      }),
    );
  });

  it('is a whole 500 where a status without a body comes with a header that cannot be written', async (t) => {
    const respond = await startGateway(t);
    for (const statusCode of [204, 304]) {
      const head = Buffer.from(JSON.stringify({ statusCode, headers: { a: '\n' } }));
      const stream = Readable.from([head, preludeDelimiter], { objectMode: false });
      for (const answer of [
        { type: 'payload' as const, payload: head },
        { type: 'proxy' as const, head, body: Buffer.alloc(0) },
        { type: 'stream' as const, contentType: preludeType, stream },
      ]) {
        const { status, body } = await respond(answer);
        assert.equal(status, 500);
        assert.equal(JSON.parse(body.toString()).status, 500);
      }
    }
  });
});
