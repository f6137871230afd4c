import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Compile } from 'typebox/schema';
import schema from '../../function.schema.json' with { type: 'json' };
import { parseFunction } from '../../manifest.ts';
import type { AuthorizerSettings } from './authorizer-settings.ts';

const editor = Compile(schema as never);

function parse(authorizer: object): AuthorizerSettings | undefined {
  return parseFunction({ name: 'f', route: 'GET /', authorizer }, '/').routes[0]?.authorizer;
}

const jwt = { type: 'jwt', issuer: 'https://id.test', audience: 'a' };

describe('the settings of an authorizer', { concurrency: true }, () => {
  it('have defaults', () => {
    const identitySource = '$request.header.Authorization';
    assert.deepEqual(parse(jwt), { ...jwt, audience: ['a'], scopes: [], identitySource });
    const request = { type: 'request', function: 'authorize' };
    const rest = { payloadFormatVersion: '2.0', simpleResponses: false, ttl: 0, validation: undefined };
    assert.deepEqual(parse(request), { ...request, ...rest, identitySource: [] });
    const token = { type: 'token', function: 'authorize' };
    assert.deepEqual(parse(token), { ...token, ...rest, identitySource: ['method.request.header.Authorization'] });
  });

  it('come out as they went in when they are complete, as the readers of templates write them', () => {
    const complete: AuthorizerSettings[] = [
      { type: 'jwt', issuer: 'https://id.test', audience: ['a'], scopes: ['s'], identitySource: '$request.header.T' },
      {
        ...{ type: 'token', function: 'f', payloadFormatVersion: '1.0', simpleResponses: false },
        ...{ identitySource: ['method.request.header.T'], ttl: 300, validation: '^Bearer .+$' },
      },
      { type: 'unsupported', name: 'AWS_IAM' },
      { type: 'unsupported', name: 'request', fault: 'there is no function f that can run' },
    ];
    for (const settings of complete) {
      assert.deepEqual(parse(settings), settings);
      assert.ok(editor.Check({ authorizer: settings }), settings.type);
    }
  });

  it('say what they take', () => {
    const request = { type: 'request', function: 'authorize' };
    const wrong: [object, RegExp][] = [
      [{}, /of f: "authorizer" takes an object whose "type" is jwt, request, token, unsupported$/],
      [{ type: 'toString' }, /whose "type"/],
      [{ ...jwt, ttl: 3 }, /of type jwt has no "ttl"; it has type, issuer, audience, scopes, identitySource/],
      [{ type: 'jwt', issuer: 'https://id.test' }, /of type jwt needs "audience"/],
      [{ ...jwt, issuer: 'id.test' }, /"authorizer.issuer" takes a URL/],
      [{ ...jwt, audience: [] }, /"authorizer.audience" takes one text at least/],
      [{ ...jwt, scopes: [1] }, /"authorizer.scopes" takes a text, or a list/],
      [{ type: 'request' }, /needs "function"/],
      [{ ...request, payloadFormatVersion: 2 }, /takes "1.0" or "2.0"/],
      [{ ...request, simpleResponses: true, payloadFormatVersion: '1.0' }, /needs "payloadFormatVersion": "2.0"/],
      [{ ...request, ttl: 3601 }, /whole seconds from 0 to 3600/],
      [{ ...request, ttl: 1 }, /"authorizer.ttl" needs an "identitySource"/],
      [{ type: 'token', function: 'a', validation: '(' }, /takes a regular expression/],
      [{ type: 'unsupported' }, /needs "name"/],
    ];
    for (const [authorizer, message] of wrong) assert.throws(() => parse(authorizer), message);
  });
});
