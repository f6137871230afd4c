/**
 * JWT authorizers behind a real gateway, with real keys and a server that plays the issuer.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { setLogLevel } from '../../process/log.ts';
import { serveAuthorized } from './testing/authorized-gateway.ts';

setLogLevel('SILENT');

interface Issuer {
  url: string;
  /** Paths that were asked for, in order. */
  asked: string[];
  /** Answered instead of the discovery document, if it is set. */
  discovery?: object;
  /** The list of keys that it serves; undefined makes it answer 503. */
  keys: unknown;
}

const rsa = await generateKeyPair('RS256');
const other = await generateKeyPair('RS256');
const curve = await generateKeyPair('ES256');
const publicKey = { ...(await exportJWK(rsa.publicKey)), kid: 'one', use: 'sig' };
const curveKey = { ...(await exportJWK(curve.publicKey)), kid: 'curve' };

async function issue(t: TestContext): Promise<Issuer> {
  const issuer: Issuer = { url: '', asked: [], keys: [publicKey, curveKey] };
  const server = createServer(({ url = '' }, response) => {
    issuer.asked.push(url);
    if (issuer.keys === undefined) return response.writeHead(503).end();
    const isDiscovery = url === '/tenant/.well-known/openid-configuration';
    return response.end(
      JSON.stringify(isDiscovery ? (issuer.discovery ?? { jwks_uri: `${issuer.url}/keys` }) : { keys: issuer.keys }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenant`;
  return issuer;
}

const now = () => Math.floor(Date.now() / 1000);

/** @param claims beside iss, aud and exp @returns a signed token */
function sign(
  issuer: Issuer,
  claims: JWTPayload = {},
  { key = rsa.privateKey, alg = 'RS256', kid = 'one' } = {},
): Promise<string> {
  const all = { iss: issuer.url, aud: 'app', exp: now() + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg, ...(kid && { kid }) }).sign(key);
}

async function serve(t: TestContext, issuer: Issuer, more: object = {}, route: unknown = 'GET /me') {
  const authorizer = { type: 'jwt', issuer: issuer.url, audience: ['app', 'web'], ...more };
  const gateway = await serveAuthorized(t, { route, authorizer });
  const call = (token: string) => gateway.call('/me', { headers: { authorization: `Bearer ${token}` } });
  return { ...gateway, call, callWith: gateway.call };
}

describe('a JWT authorizer', { concurrency: true }, () => {
  it('hands the claims of a token to the function as texts', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer);
    const exp = now() + 60;
    const claims = { sub: 'u1', exp, admin: true, groups: ['a', 'b'], level: 1.5, address: { zip: '1', city: 'X' } };
    const { status, event } = await gateway.call(await sign(issuer, claims));
    assert.equal(status, 200);
    assert.deepEqual(event.requestContext.authorizer, {
      jwt: {
        claims: {
          ...{ iss: issuer.url, aud: 'app', exp: String(exp), sub: 'u1', admin: 'true', groups: '[a b]', level: '1.5' },
          address: 'map[city:X zip:1]',
        },
        scopes: null,
      },
    });
  });

  it('takes the token with or without Bearer, and from the query where that is its identity source', async (t) => {
    const issuer = await issue(t);
    const token = await sign(issuer);
    const gateway = await serve(t, issuer);
    for (const authorization of [token, `Bearer ${token}`, `bearer ${token}`]) {
      assert.equal((await gateway.callWith('/me', { headers: { authorization } })).status, 200);
    }
    const byQuery = await serve(t, issuer, { identitySource: '$request.querystring.token' });
    assert.equal((await byQuery.callWith(`/me?token=${token}`)).status, 200);
    assert.equal((await byQuery.call(token)).status, 401);
  });

  it('answers 401 with a challenge without a token', async (t) => {
    const gateway = await serve(t, await issue(t));
    for (const headers of [{}, { authorization: 'Bearer ' }]) {
      const { status, body, headers: received } = await gateway.callWith('/me', { headers });
      assert.deepEqual([status, body.message, received.get('www-authenticate')], [401, 'Unauthorized', 'Bearer']);
    }
  });

  it('answers 401 to an invalid token, says why, and does not run the function', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer);
    const past = now() - 5;
    const [header, , signature] = (await sign(issuer)).split('.');
    const forged = Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'app', exp: now() + 60, sub: 'root' })).toString(
      'base64url',
    );
    const none = Buffer.from('{"alg":"none","kid":"one"}').toString('base64url');
    const invalid: [token: string | Promise<string>, why: string][] = [
      ['x', 'the token is malformed'],
      ['a.b.c', 'the token is malformed'],
      [sign(issuer, { exp: past }), 'the token has expired'],
      [sign(issuer, { exp: undefined }), 'the token does not have a valid exp'],
      [sign(issuer, { nbf: now() + 60 }), 'the token does not have a valid nbf'],
      [sign(issuer, { iat: now() + 60 }), 'the token was issued in the future'],
      [sign(issuer, { iss: 'https://other.test' }), 'the token does not have a valid iss'],
      [sign(issuer, { aud: 'other' }), 'the token does not have a valid audience'],
      [sign(issuer, { aud: 'other', client_id: 'app' }), 'the token does not have a valid audience'],
      [sign(issuer, { aud: undefined }), 'the token does not have a valid audience'],
      [sign(issuer, {}, { key: other.privateKey }), 'the signature of the token is invalid'],
      [sign(issuer, {}, { kid: 'two' }), "the issuer has no key with the token's kid"],
      [sign(issuer, {}, { kid: '' }), 'the token has no kid'],
      [
        sign(issuer, {}, { key: curve.privateKey, alg: 'ES256', kid: 'curve' }),
        'the signing method of the token is invalid',
      ],
      [`${none}.${forged}.`, 'the signing method of the token is invalid'],
      [`${header}.${forged}.${signature}`, 'the signature of the token is invalid'],
    ];
    for (const [token, why] of invalid) {
      const { status, body, headers } = await gateway.call(await token);
      assert.deepEqual([status, body.message], [401, 'Unauthorized'], why);
      const challenge = `Bearer scope="" error="invalid_token" error_description="${why}"`;
      assert.equal(headers.get('www-authenticate'), challenge);
    }
    assert.equal(gateway.served.length, 0);
  });

  it('takes any of its audiences, in aud, or in client_id where there is no aud', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer);
    for (const claims of [{ aud: 'web' }, { aud: ['x', 'app'] }, { aud: undefined, client_id: 'web' }]) {
      assert.equal((await gateway.call(await sign(issuer, claims))).status, 200, JSON.stringify(claims));
    }
  });

  it('wants one of the scopes of the route, and answers 403 without', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer, { scopes: ['read', 'write'] });
    for (const [claims, scopes] of [
      [{ scope: 'email write' }, ['email', 'write']],
      [{ scp: ['read'] }, ['read']],
      [{ scp: 'read x' }, ['read', 'x']],
    ] as const) {
      const { status, event } = await gateway.call(await sign(issuer, claims as JWTPayload));
      assert.equal(status, 200);
      assert.deepEqual((event.requestContext.authorizer as { jwt: { scopes: string[] } }).jwt.scopes, scopes);
    }
    for (const claims of [{}, { scope: 'reader' }]) {
      const { status, body, headers } = await gateway.call(await sign(issuer, claims));
      assert.deepEqual([status, body.message], [403, 'Forbidden']);
      assert.equal(headers.get('www-authenticate'), 'Bearer scope="read write" error="insufficient_scope"');
    }
  });

  it('fetches the keys once, and again for an unknown key at most every 30 s', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer);
    const tokens = await Promise.all([1, 2, 3].map((sub) => sign(issuer, { sub: String(sub) })));
    for (const { status } of await Promise.all(tokens.map(gateway.call))) assert.equal(status, 200);
    for (const kid of ['two', 'three']) assert.equal((await gateway.call(await sign(issuer, {}, { kid }))).status, 401);
    assert.deepEqual(issuer.asked, ['/tenant/.well-known/openid-configuration', '/tenant/keys']);
  });

  it('keeps a verified token no longer than it is valid', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer);
    let token: string;
    do token = await sign(issuer, { exp: now() + 2 });
    while ((await gateway.call(token)).status !== 200);
    for (;;) if ((await gateway.call(token)).status !== 200) break;
    assert.equal((await gateway.call(token)).status, 401);
  });

  it('answers 401 while the issuer gives no keys, and recovers', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer);
    const token = await sign(issuer);
    issuer.keys = undefined;
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await gateway.call(token);
      assert.equal(status, 401);
      assert.match(headers.get('www-authenticate') ?? '', /OIDC discovery endpoint communication error/);
    }
    assert.equal(issuer.asked.length, 1);
    issuer.keys = [publicKey];
    for (;;) if ((await gateway.call(token)).status === 200) break;
  });

  it('passes over members of a key set that are no keys', async (t) => {
    const issuer = await issue(t);
    issuer.keys = [null, 'x', [], {}, publicKey];
    const gateway = await serve(t, issuer);
    assert.equal((await gateway.call(await sign(issuer))).status, 200);
  });

  it('does not ask again at once for documents that it cannot use', async (t) => {
    for (const keys of ['x', {}, null]) {
      const issuer = await issue(t);
      issuer.keys = keys;
      const gateway = await serve(t, issuer);
      for (let i = 0; i < 3; i++) assert.equal((await gateway.call(await sign(issuer))).status, 401);
      assert.deepEqual(issuer.asked, ['/tenant/.well-known/openid-configuration', '/tenant/keys']);
    }
    const issuer = await issue(t);
    issuer.discovery = {};
    const gateway = await serve(t, issuer);
    for (let i = 0; i < 3; i++) assert.equal((await gateway.call(await sign(issuer))).status, 401);
    assert.equal(issuer.asked.length, 1);
  });

  it('hands the claims to a function with format 1.0 without `jwt`', async (t) => {
    const issuer = await issue(t);
    const gateway = await serve(t, issuer, {}, { key: 'GET /me', payloadFormatVersion: '1.0' });
    const { event } = await gateway.call(await sign(issuer, { sub: 'u1' }));
    const { claims, scopes } = event.requestContext.authorizer as { claims: Record<string, string>; scopes: null };
    assert.deepEqual([claims.sub, scopes], ['u1', null]);
  });
});
