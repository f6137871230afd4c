/** Golden tests of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFunction } from '../manifest.ts';
import { createEvent } from './event.ts';
import { announceLength, clfTime, type EventContext, isTextBody, type RequestLine } from './event-parts.ts';
import { BadRequestError } from './gateway-problems.ts';
import { type Match, RouteTree } from './route-tree.ts';

interface Event extends Record<string, unknown> {
  headers: Record<string, string>;
  cookies?: string[];
  queryStringParameters?: Record<string, string>;
  requestContext: Record<string, unknown> & { http: Record<string, string> };
}

const context: EventContext = {
  requestId: 'id',
  time: Date.UTC(2020, 2, 12, 19, 3, 58, 390),
  accountId: '123456789012',
  apiId: 'api-id',
  stageVariables: undefined,
};
const configuration = parseFunction({ name: 'f', route: '$default' }, '/dist');
const match = new RouteTree([configuration]).find('GET', '/') as Match;

function eventOf(request: Partial<RequestLine>, more: { match?: Match; context?: Partial<EventContext> } = {}): Event {
  const line = { method: 'GET', target: '/', httpVersion: '1.1', rawHeaders: ['Host', 'h'], sourceIp: '192.0.2.1' };
  // The function gets the event as JSON.
  const event = createEvent({ ...line, ...request }, more.match ?? match, { ...context, ...more.context });
  return JSON.parse(JSON.stringify(event));
}

describe('an event in payload format 2.0', { concurrency: true }, () => {
  it("is the documentation's event for the documentation's request", () => {
    const event = eventOf(
      {
        method: 'POST',
        target: '/my/path?parameter1=value1&parameter1=value2&parameter2=value',
        rawHeaders: [
          ...['Host', 'id.execute-api.us-east-1.amazonaws.com', 'User-Agent', 'agent', 'Header1', 'value1'],
          ...['Header2', 'value1', 'header2', 'value2', 'Cookie', 'cookie1; cookie2'],
        ],
      },
      {
        match: { ...match, pathParameters: { parameter1: 'value1' } },
        context: { stageVariables: { stageVariable1: 'value1', stageVariable2: 'value2' } },
      },
    );
    assert.deepEqual(event, {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/my/path',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
      cookies: ['cookie1', 'cookie2'],
      headers: {
        host: 'id.execute-api.us-east-1.amazonaws.com',
        'user-agent': 'agent',
        header1: 'value1',
        header2: 'value1,value2',
      },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
      requestContext: {
        accountId: '123456789012',
        apiId: 'api-id',
        domainName: 'id.execute-api.us-east-1.amazonaws.com',
        domainPrefix: 'id',
        http: { method: 'POST', path: '/my/path', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
        requestId: 'id',
        routeKey: '$default',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838390,
      },
      pathParameters: { parameter1: 'value1' },
      stageVariables: { stageVariable1: 'value1', stageVariable2: 'value2' },
      isBase64Encoded: false,
    });
  });

  it('leaves out keys without a value, instead of null', () => {
    const event = eventOf({});
    assert.deepEqual(Object.keys(event), [
      ...['version', 'routeKey', 'rawPath', 'rawQueryString', 'headers', 'requestContext', 'isBase64Encoded'],
    ]);
    assert.equal(event.rawQueryString, '');
  });

  it('decodes the path, and keeps the query string as it was sent', () => {
    const event = eventOf({ target: '/a%20b/%E2%82%AC%2Fc?x=%20+%2B' });
    assert.equal(event.rawPath, '/a b/€/c');
    assert.equal(event.requestContext.http.path, '/a b/€/c');
    assert.equal(event.rawQueryString, 'x=%20+%2B');
  });

  it('refuses a path that cannot be decoded', () => {
    assert.throws(() => eventOf({ target: '/%ff' }), BadRequestError);
  });

  it('decodes query parameters, with plus signs for spaces', () => {
    const { queryStringParameters } = eventOf({
      target: '/?a=1+2%2B3&%C3%A9=%E2%82%AC&empty=&bare&a=4&&=nameless&b=c=d',
    });
    assert.deepEqual(queryStringParameters, {
      ...{ a: '1 2+3,4', é: '€', empty: '', bare: '', '': 'nameless', b: 'c=d' },
    });
  });

  it('keeps query parameters whose percent-encoding is malformed', () => {
    const { queryStringParameters } = eventOf({ target: '/?a=100%&b=%zz&c=%f' });
    assert.deepEqual(queryStringParameters, { a: '100%', b: '%zz', c: '%f' });
  });

  it('decodes thousands of broken parameters as fast as sound ones, within a factor of ten', () => {
    const fastest = (target: string) => {
      let least = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 10; run++) {
        const begun = performance.now();
        eventOf({ target });
        least = Math.min(least, performance.now() - begun);
      }
      return least;
    };
    const [sound, broken] = ['%C3', '%F0'].map((lead) => fastest(`/?${`${lead}%A9&`.repeat(3000)}`)) as [
      number,
      number,
    ];
    assert.ok(broken < 10 * sound, `${broken} ms for broken ones, ${sound} ms for sound ones`);
  });

  it('takes a second question mark for a part of the query', () => {
    const event = eventOf({ target: '/p?a=b?c' });
    assert.equal(event.rawPath, '/p');
    assert.deepEqual(event.queryStringParameters, { a: 'b?c' });
  });

  it('moves cookies out of the headers, one entry each, and splits none at "=" or a comma', () => {
    const { cookies, headers } = eventOf({
      rawHeaders: ['Cookie', 'a=b=c;d="x, y";; e', 'X', '1', 'cookie', ' f=g '],
    });
    assert.deepEqual(cookies, ['a=b=c', 'd="x, y"', 'e', 'f=g']);
    assert.deepEqual(headers, { x: '1' });
  });

  it('takes __proto__ and other names of Object.prototype as ordinary names', () => {
    const event = eventOf({
      target: '/?__proto__=1&__proto__=2&constructor=3&hasOwnProperty=4',
      rawHeaders: ['__proto__', 'a', '__PROTO__', 'b', 'constructor', 'c', 'toString', 'd'],
    });
    assert.deepEqual(Object.entries(event.headers), [
      ...[['__proto__', 'a,b'], ['constructor', 'c'], ['tostring', 'd']], // biome-ignore format: one a line says no more
    ]);
    assert.deepEqual(Object.entries(event.queryStringParameters ?? {}), [
      ...[['__proto__', '1,2'], ['constructor', '3'], ['hasOwnProperty', '4']], // biome-ignore format: as above
    ]);
    assert.equal(({} as Record<string, unknown>).a, undefined);
  });

  it('gives the domain name without the port', () => {
    const names = {
      'localhost:8080': 'localhost',
      'api.example.com': 'api.example.com',
      '[::1]:80': '[::1]',
      '[::1]': '[::1]',
    };
    for (const [host, domainName] of Object.entries(names)) {
      assert.equal(eventOf({ rawHeaders: ['Host', host] }).requestContext.domainName, domainName);
    }
    assert.equal(eventOf({ rawHeaders: ['Host', 'api.example.com:1'] }).requestContext.domainPrefix, 'api');
    assert.equal(eventOf({ rawHeaders: [] }).requestContext.domainName, '');
  });

  it('takes a query string of a hundred thousand characters', () => {
    const { queryStringParameters } = eventOf({ target: `/?${'a=b&'.repeat(25_000)}` });
    assert.equal(queryStringParameters?.a?.length, 2 * 25_000 - 1);
  });
});

describe('an event of a function URL', { concurrency: true }, () => {
  const routes = new RouteTree([parseFunction({ name: 'My_fn', route: { key: '$default', api: 'url' } }, '/dist')]);

  it("is the documentation's event for the documentation's request", () => {
    const host = 'my_fn.lambda-url.us-west-2.on.aws';
    const event = eventOf(
      {
        target: '/my/path?parameter1=value1&parameter1=value2&parameter2=value',
        rawHeaders: ['Host', host, 'user-agent', 'agent', 'Cookie', 'cookie1; cookie2'],
      },
      { match: routes.findUrl(host) as Match, context: { stageVariables: { not: 'here' } } },
    );
    assert.deepEqual(event, {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/my/path',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
      cookies: ['cookie1', 'cookie2'],
      headers: { host, 'user-agent': 'agent' },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
      requestContext: {
        accountId: 'anonymous',
        apiId: 'my_fn',
        domainName: host,
        domainPrefix: 'my_fn',
        http: { method: 'GET', path: '/my/path', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
        requestId: 'id',
        routeKey: '$default',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838390,
      },
      isBase64Encoded: false,
    });
  });

  it('has the path below the name of the function, as it was sent, and the domain name of the URL', () => {
    const pathOf = (target: string) => {
      const { rawPath, requestContext } = eventOf({ target }, { match: routes.find('GET', target) as Match });
      assert.equal(requestContext.http.path, rawPath);
      assert.equal(requestContext.domainName, 'my_fn.lambda-url.localhost');
      return rawPath;
    };
    assert.equal(pathOf('/My_fn/a%20b//c'), '/a%20b//c');
    assert.equal(pathOf('/My_fn'), '/');
    assert.equal(pathOf('//My_fn/'), '/');
  });
});

describe('an event of a stage', { concurrency: true }, () => {
  it('has the stage in its context, and in its path where the client sent it', () => {
    const stage = new RouteTree([parseFunction({ name: 'f', route: { key: 'GET /x', stage: 'dev' } }, '/dist')]);
    for (const target of ['/x', '/dev/x']) {
      const event = eventOf({ target }, { match: stage.find('GET', target) as Match });
      assert.deepEqual([event.rawPath, event.requestContext.stage], [target, 'dev']);
    }
  });
});

describe('an event of a chunked request', { concurrency: true }, () => {
  it('has the length of the body instead of its encoding', () => {
    const event = eventOf({ rawHeaders: ['Transfer-Encoding', 'chunked', 'X', '1'] });
    announceLength(event, 0);
    assert.deepEqual(event.headers, { x: '1', 'content-length': '0' });
  });
});

describe('the time of an event', { concurrency: true }, () => {
  it('is in the common log format, in UTC', () => {
    assert.equal(clfTime(0), '01/Jan/1970:00:00:00 +0000');
    assert.equal(clfTime(Date.UTC(2026, 11, 31, 23, 59, 59, 999)), '31/Dec/2026:23:59:59 +0000');
    assert.equal(clfTime(Date.UTC(2027, 0, 1)), '01/Jan/2027:00:00:00 +0000');
  });
});

describe('a body', { concurrency: true }, () => {
  const utf8 = Buffer.from('é');

  it('is text by its content type', () => {
    for (const type of [
      'text/html',
      'application/json; charset=utf-8',
      'APPLICATION/XML',
      'application/merge-patch+json',
    ]) {
      assert.equal(isTextBody('http', type, undefined, utf8), true, type);
    }
    for (const type of [
      'application/octet-stream',
      'image/png',
      'application/x-www-form-urlencoded',
      'x/text/html',
      '',
    ]) {
      assert.equal(isTextBody('http', type, undefined, utf8), false, type);
    }
  });

  it('is binary without a content type', () => {
    assert.equal(isTextBody('http', undefined, undefined, utf8), false);
  });

  it('is text for a REST API whatever its type, unless it is no UTF-8', () => {
    assert.equal(isTextBody('rest', 'image/png', 'gzip', utf8), true);
    assert.equal(isTextBody('rest', undefined, undefined, Buffer.from([0xff])), false);
  });

  it('is binary when it is compressed, or no UTF-8', () => {
    assert.equal(isTextBody('http', 'text/plain', 'gzip', utf8), false);
    assert.equal(isTextBody('http', 'text/plain', 'identity', utf8), true);
    assert.equal(isTextBody('http', 'text/plain', undefined, Buffer.from([0xff])), false);
  });
});
