/**
 * Golden tests of answers.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AnswerFormat,
  fromPayload,
  fromProxy,
  type HttpResponse,
  MalformedResponseError,
  parseHead,
} from './http-response.ts';

const v2: AnswerFormat = { api: 'http', payloadFormatVersion: '2.0' };
const rest: AnswerFormat = { api: 'rest', payloadFormatVersion: '1.0' };

/** @param value what the handler returns */
function answerOf(value: unknown, format = v2): HttpResponse {
  return fromPayload(Buffer.from(JSON.stringify(value ?? null)), format);
}

function shown({ statusCode, headers, body }: HttpResponse): unknown[] {
  return [statusCode, headers, body.toString()];
}

const json = ['content-type', 'application/json'];
const text = ['content-type', 'text/plain; charset=utf-8'];

describe('an answer without a statusCode', { concurrency: true }, () => {
  it('is the JSON body of a 200, as inferred by the examples of the documentation', () => {
    assert.deepEqual(shown(answerOf({ message: 'Hello from Lambda!' })), [
      200,
      json,
      '{"message":"Hello from Lambda!"}',
    ]);
    assert.deepEqual(shown(answerOf('Hello from Lambda!')), [200, json, 'Hello from Lambda!']);
    assert.deepEqual(shown(answerOf([1, 2])), [200, json, '[1,2]']);
    assert.deepEqual(shown(answerOf(42)), [200, json, '42']);
    assert.deepEqual(shown(answerOf(undefined)), [200, json, 'null']);
    assert.deepEqual(shown(answerOf({ body: 'x', headers: { a: 1 } })), [200, json, '{"body":"x","headers":{"a":1}}']);
  });
});

describe('an answer with a statusCode', { concurrency: true }, () => {
  it('has the status, headers, cookies and body that it says', () => {
    const answer = answerOf({
      cookies: ['cookie1=a=b; Path=/', 'cookie2=c, d'],
      isBase64Encoded: false,
      statusCode: 201,
      headers: { 'X-Name': 'value', 'content-type': 'text/html' },
      body: '<p>é</p>',
    });
    assert.deepEqual(shown(answer), [
      201,
      [
        ...['X-Name', 'value', 'content-type', 'text/html'],
        ...['set-cookie', 'cookie1=a=b; Path=/', 'set-cookie', 'cookie2=c, d'],
      ],
      '<p>é</p>',
    ]);
  });

  it('decodes a base64 body to its bytes', () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const answer = answerOf({ statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true });
    assert.ok(answer.body.equals(bytes));
  });

  it('takes a status in digits, and numbers and booleans as header values', () => {
    assert.deepEqual(shown(answerOf({ statusCode: '404', headers: { a: 7, b: true, c: null } })), [
      404,
      ['a', '7', 'b', 'true', ...text],
      '',
    ]);
  });

  it('takes null as absent', () => {
    assert.deepEqual(shown(answerOf({ statusCode: 200, headers: null, cookies: null, body: null })), [200, text, '']);
  });

  it('gets no content type where there is no content', () => {
    assert.deepEqual(shown(answerOf({ statusCode: 204 })), [204, [], '']);
    assert.deepEqual(shown(answerOf({ statusCode: 304, headers: { etag: '"1"' } })), [304, ['etag', '"1"'], '']);
  });

  it('leaves the framing of the message and the connection to the gateway', () => {
    const headers = {
      ...{ 'Content-Length': '1', 'transfer-encoding': 'chunked', Connection: 'close', upgrade: 'h2c' },
      ...{ 'Keep-Alive': 'timeout=1', trailer: 'x', te: 'trailers' },
    };
    assert.deepEqual(answerOf({ statusCode: 200, headers, body: 'abc' }).headers, text);
  });

  it('takes __proto__ and other names of Object.prototype as header names', () => {
    const payload = '{"statusCode":200,"headers":{"__proto__":"a","constructor":"b","content-type":"x/y"}}';
    assert.deepEqual(fromPayload(Buffer.from(payload), v2).headers, [
      ...['__proto__', 'a', 'constructor', 'b', 'content-type', 'x/y'],
    ]);
  });

  it('is malformed where API Gateway could not send it either', () => {
    const malformed: Record<string, unknown> = {
      'a status that is no number': { statusCode: 'soon' },
      'no status': { statusCode: null },
      'a boolean status': { statusCode: true },
      'a list for a status': { statusCode: [200] },
      'a status of 100': { statusCode: 100 },
      'a status of 600': { statusCode: 600 },
      'half a status': { statusCode: 200.5 },
      'headers that are text': { statusCode: 200, headers: 'none' },
      'headers that are a list': { statusCode: 200, headers: [] },
      'a header value that is a list': { statusCode: 200, headers: { 'set-cookie': ['a=1', 'b=2'] } },
      'a header value that is an object': { statusCode: 200, headers: { a: {} } },
      'cookies that are text': { statusCode: 200, cookies: 'a=1' },
      'a body that is an object': { statusCode: 200, body: { a: 1 } },
      'a body that is a number': { statusCode: 200, body: 7 },
    };
    for (const [what, value] of Object.entries(malformed)) {
      assert.throws(() => answerOf(value), MalformedResponseError, what);
    }
  });
});

describe('an answer whose head and body are apart', { concurrency: true }, () => {
  it('is joined', () => {
    const head = Buffer.from('{"statusCode":200,"headers":{"content-type":"a/b"}}');
    assert.deepEqual(shown(fromProxy(head, Buffer.from('body'), v2)), [200, ['content-type', 'a/b'], 'body']);
  });

  it('needs a head that is an object', () => {
    for (const head of [null, 7, 'text']) assert.throws(() => parseHead(head, v2), MalformedResponseError);
  });
});

describe('an answer in payload format 1.0', { concurrency: true }, () => {
  const http: AnswerFormat = { api: 'http', payloadFormatVersion: '1.0' };

  it('has the status, the headers of both lists and the body that it says', () => {
    const answer = answerOf(
      {
        isBase64Encoded: false,
        statusCode: 201,
        headers: { 'X-Name': 'value', 'content-type': 'text/html' },
        multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'X-Count': [7, null], 'X-None': null },
        body: 'é',
      },
      rest,
    );
    assert.deepEqual(shown(answer), [
      201,
      [
        ...['X-Name', 'value', 'content-type', 'text/html'],
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Count', '7'],
      ],
      'é',
    ]);
  });

  it('has a pair once that is in both lists, and all values of a name otherwise', () => {
    const both = { headers: { 'X-A': '1', 'x-b': '1' }, multiValueHeaders: { 'x-a': ['1', '2'], 'X-B': ['2', '2'] } };
    assert.deepEqual(answerOf({ statusCode: 204, ...both }, rest).headers, [
      ...['X-A', '1', 'x-b', '1', 'x-a', '2', 'X-B', '2', 'X-B', '2'],
    ]);
  });

  it('takes the content type from either list, and has the default of its API otherwise', () => {
    const typed = { statusCode: 200, multiValueHeaders: { 'Content-Type': ['a/b'] } };
    assert.deepEqual(answerOf(typed, rest).headers, ['Content-Type', 'a/b']);
    assert.deepEqual(answerOf({ statusCode: 200 }, rest).headers, json);
    assert.deepEqual(answerOf({ statusCode: 200 }, http).headers, text);
  });

  it('has no cookies member, and leaves framing to the gateway', () => {
    const multiValueHeaders = { 'Transfer-Encoding': ['chunked'] };
    assert.deepEqual(answerOf({ statusCode: 204, cookies: ['a=1'], multiValueHeaders }, http).headers, []);
  });

  it('decodes a base64 body', () => {
    const answer = answerOf({ statusCode: 200, body: '/wA=', isBase64Encoded: true }, rest);
    assert.equal(answer.body.toString('hex'), 'ff00');
  });

  it('is malformed without a statusCode, and where its lists are not what they should be', () => {
    const malformed = [
      ...['text', 7, null, [], {}, { body: 'x' }, { statusCode: 200, body: {} }, { statusCode: 200, headers: 'x' }],
      { statusCode: 200, multiValueHeaders: [] },
      { statusCode: 200, multiValueHeaders: { a: 'b' } },
      { statusCode: 200, multiValueHeaders: { a: [{}] } },
    ];
    for (const value of malformed) {
      for (const format of [rest, http]) {
        assert.throws(() => answerOf(value, format), MalformedResponseError, JSON.stringify(value));
      }
    }
  });

  it('has no other meaning for multiValueHeaders in format 2.0', () => {
    assert.deepEqual(answerOf({ statusCode: 200, multiValueHeaders: { a: ['b'] } }).headers, text);
  });
});
