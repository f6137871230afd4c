/** The HTTP API with tokens (JWT) of an issuer that the test plays. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { AuthApi } from '../support/auth.ts';
import { until } from '../support/until.ts';

const { publicKey, privateKey } = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
const server = createServer(({ url }, response) => {
  const body = url === '/keys' ? { keys: [jwk] } : { jwks_uri: `${issuer}/keys` };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** @param expiresIn seconds */
function sign(more: object = {}, expiresIn = 600): Promise<string> {
  const claims = { sub: 'a7', name: 'Ada', role: 'reader', iss: issuer, aud: 'directory', ...more };
  const token = new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'ES256', kid: 'one' });
  return token.setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn).sign(privateKey);
}

describe('the API with tokens of an issuer', () => {
  // The router keeps answers for longer than the whole test takes.
  const auth = new AuthApi({}, { JWT_ISSUER: issuer, JWT_AUDIENCE: 'directory', AUTH_CACHE_MS: '300000' });

  before(() => auth.start());
  after(async () => {
    await auth.stop();
    server.close().closeAllConnections();
  });

  it('lets the subject of a token do what its role may', async () => {
    const token = await sign();
    const me = await auth.call('GET /me', token);
    assert.deepEqual(me.body, { kind: 'person', id: 'jwt:a7', name: 'Ada', role: 'reader' });
    assert.equal((await auth.call('GET /users', token)).status, 200);
    assert.equal((await auth.call('DELETE /users/1', token)).status, 403);
    const out = await auth.call('DELETE /sessions', token);
    assert.deepEqual([out.status, out.body.type], [403, 'urn:cadastro:problem:person-needed']);
  });

  it('answers 401 to a token without a subject that tells its caller from others', async () => {
    for (const sub of ['', {}, null]) assert.equal((await auth.call('GET /users', await sign({ sub }))).status, 401);
  });

  it('refuses a token as soon as it expires, although the router keeps answers for longer', async () => {
    // On a busy machine a token may expire before the first request arrives.
    const token = await until('a token is taken', async () => {
      const fresh = await sign({}, 3);
      return (await auth.call('GET /users', fresh)).status === 200 && fresh;
    });
    await until('the token is refused', async () => (await auth.call('GET /users', token)).status === 401);
  });
});
