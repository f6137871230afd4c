/**
 * Properties of events: a request is made of parts, and the event must show the same parts.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { parseFunction } from '../manifest.ts';
import { createEvent } from './event.ts';
import { type EventContext, isTextBody, type RequestLine } from './event-parts.ts';
import { BadRequestError } from './gateway-problems.ts';
import { type Match, RouteTree } from './route-tree.ts';

interface Event extends Record<string, unknown> {
  headers: Record<string, string>;
  cookies?: string[];
  queryStringParameters?: Record<string, string>;
}

const context: EventContext = { requestId: 'id', time: 0, accountId: '1', apiId: 'a', stageVariables: undefined };
const configuration = parseFunction({ name: 'f', route: '$default' }, '/dist');
const match = new RouteTree([configuration]).find('GET', '/') as Match;

/** @returns the event as a function gets it: as JSON */
function eventOf(request: Partial<RequestLine>): Event {
  const line = { method: 'GET', target: '/', httpVersion: '1.1', rawHeaders: [], sourceIp: '192.0.2.1' };
  const event = createEvent({ ...line, ...request }, match, context);
  const received: Event = JSON.parse(JSON.stringify(event));
  assert.deepEqual(event, received, 'JSON changes the event');
  return received;
}

/** Text without lone surrogates, which have no UTF-8. Names of Object.prototype are frequent. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'a', 'b', 'é,€', 'x=y&z', '+ %'),
);

/** The characters that a request target may have. */
const targetUnit = fc.constantFrom(
  ...'/?&=+%;:@!$\'()*,-._~[]|^{}"<>\\abcAB09f',
  '%41',
  '%C3%A9',
  '%c3',
  '%ff',
  '%2',
  '%zz',
);

const token = fc.string({ unit: fc.constantFrom(..."!#$%&'*+-.^_`|~aBcX09"), minLength: 1, maxLength: 8 });
const headerName = fc.oneof(token, fc.constantFrom('__proto__', 'Constructor', 'X-A', 'x-a', 'Accept'));
/** A field value without spaces at its ends, which Node.js cuts off. Bytes above ASCII arrive as Latin-1. */
const headerValue = fc
  .string({ unit: fc.constantFrom(...'abc ,;="\t\u00e9\u00ff%'), maxLength: 20 })
  .map((value) => value.trim());
const cookie = fc
  .string({ unit: fc.constantFrom(...'abc=,"% é/'), minLength: 1, maxLength: 12 })
  .map((value) => value.trim())
  .filter((value) => value !== '');

/** Joins the values of the same name by commas, in their order. */
function joined(pairs: readonly (readonly [name: string, value: string])[]): [name: string, value: string][] {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return [...values].map(([name, all]) => [name, all.join(',')]);
}

const sorted = (record: Record<string, string> = {}) => Object.entries(record).sort();

describe('every event', { concurrency: true }, () => {
  it('has the path decoded, and the query string as it was sent', () =>
    holds(
      fc.property(fc.array(text), fc.string({ unit: targetUnit }), (segments, query) => {
        const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('') || '/';
        const { rawPath, rawQueryString, requestContext } = eventOf({ target: query ? `${path}?${query}` : path });
        assert.equal(rawPath, segments.map((segment) => `/${segment}`).join('') || '/');
        assert.equal((requestContext as { http: { path: string } }).http.path, rawPath);
        assert.equal(rawQueryString, query);
      }),
    ));

  it('has the query parameters that a client encoded, repeated ones joined by commas', () =>
    holds(
      fc.property(fc.array(fc.tuple(text, text)), fc.boolean(), (pairs, hasPlus) => {
        const encode = (part: string) => encodeURIComponent(part).replaceAll('%20', hasPlus ? '+' : '%20');
        const target = `/?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
        assert.deepEqual(sorted(eventOf({ target }).queryStringParameters), joined(pairs).sort());
      }),
    ));

  it("reads every query string as the URL standard's parser does", () =>
    holds(
      fc.property(fc.string({ unit: targetUnit }), (query) => {
        const { queryStringParameters } = eventOf({ target: `/?${query}` });
        assert.deepEqual(sorted(queryStringParameters), joined([...new URLSearchParams(`?${query}`)]).sort());
        assert.equal(queryStringParameters === undefined, query === '');
      }),
    ));

  it('has each cookie as it was sent, from however many headers', () =>
    holds(
      fc.property(
        fc.array(fc.array(cookie, { minLength: 1 })),
        fc.constantFrom(';', '; ', ' ;; '),
        (groups, separator) => {
          const rawHeaders = groups.flatMap((group, i) => [i % 2 ? 'Cookie' : 'cookie', group.join(separator)]);
          const { cookies, headers } = eventOf({ rawHeaders });
          assert.deepEqual(cookies ?? [], groups.flat());
          assert.deepEqual(headers, {});
        },
      ),
    ));

  it('has each header under its lower-case name, repeated ones joined by commas', () =>
    holds(
      fc.property(fc.array(fc.tuple(headerName, headerValue)), (pairs) => {
        const lower = pairs.map(([name, value]) => [name.toLowerCase(), value] as const);
        assert.deepEqual(sorted(eventOf({ rawHeaders: pairs.flat() }).headers), joined(lower).sort());
        assert.equal(Object.getPrototypeOf({}), Object.prototype);
      }),
    ));

  it('comes of any target, unless its path is not percent-encoded UTF-8', () =>
    holds(
      fc.property(fc.string({ unit: targetUnit }), (target) => {
        const [path = ''] = target.split('?', 1);
        try {
          assert.equal(eventOf({ target }).rawPath, decodeURIComponent(path));
        } catch (error) {
          assert.ok(error instanceof BadRequestError, String(error));
          assert.throws(() => decodeURIComponent(path), URIError);
        }
      }),
    ));
});

describe('every body', { concurrency: true }, () => {
  const contentType = fc.option(
    fc.oneof(
      fc.constantFrom('text/plain', 'Application/JSON; charset=latin1', 'image/png', 'a/b+json', 'multipart/form-data'),
      headerValue,
    ),
    { nil: undefined },
  );
  const contentEncoding = fc.option(fc.constantFrom('identity', 'gzip', 'br', ''), { nil: undefined });
  const body = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary' }).map((content) => Buffer.from(content)),
    fc.json().map((content) => Buffer.from(content)),
  );

  it('reaches the function byte by byte, as text or as base64', () =>
    holds(
      fc.property(contentType, contentEncoding, body, (type, encoding, sent) => {
        const isText = isTextBody('http', type, encoding, sent);
        const inEvent = sent.toString(isText ? 'utf8' : 'base64');
        assert.ok(Buffer.from(JSON.parse(JSON.stringify(inEvent)), isText ? 'utf8' : 'base64').equals(sent));
      }),
    ));
});
