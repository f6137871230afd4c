import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, it } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { setLogLevel } from '../logger.ts';
import { tokenVerifier } from './token-verifier.ts';

setLogLevel('SILENT');

const { publicKey, privateKey } = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
const server = createServer(({ url }, response) => {
  const body = url === '/keys' ? { keys: [jwk] } : { jwks_uri: `${issuer}/keys` };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => server.close().closeAllConnections());

const verify = tokenVerifier({ url: issuer, audience: 'directory', roleClaim: 'groups' });
const claims = { sub: '7', name: 'Ada', groups: ['reader', 'editor', 'other'] };

/** Signs a token that is valid but for the given differences. */
function sign(
  more: object = {},
  { aud = 'directory', iss = issuer, exp = '5m' as string | number, key = privateKey } = {},
) {
  const token = new SignJWT({ ...claims, ...more } as JWTPayload).setProtectedHeader({ alg: 'ES256', kid: 'one' });
  return token.setIssuer(iss).setAudience(aud).setExpirationTime(exp).sign(key);
}

it('recognizes the subject of a token, with the highest role that it names, until it expires', async () => {
  const exp = Math.ceil(Date.now() / 1000) + 600;
  const caller = { actorKind: 'person', actorId: 'jwt:7', actorName: 'Ada', role: 'editor', expiresAt: exp * 1000 };
  assert.deepEqual(await verify(await sign({}, { exp })), caller);
});

it('refuses a token whose subject is missing, empty, too long, or no plain text', async () => {
  for (const sub of [undefined, null, '', {}, [], ['7'], 7, true, 'x'.repeat(256), 'a\nb']) {
    assert.equal(await verify(await sign({ sub })), undefined, JSON.stringify(sub));
  }
  assert.equal((await verify(await sign({ sub: 'x'.repeat(255) })))?.actorId, `jwt:${'x'.repeat(255)}`);
});

it('names the caller by the subject where the name is none that a person here may have', async () => {
  for (const name of [undefined, '', ' \u200b', 'x'.repeat(101), 'Ada\u0007', { first: 'Ada' }]) {
    assert.equal((await verify(await sign({ name })))?.actorName, '7', JSON.stringify(name));
  }
  assert.equal((await verify(await sign({ name: ' Zoë\u200b ' })))?.actorName, 'Zoë');
});

it('refuses a token of another key, issuer or audience, an expired one, and one without a role', async () => {
  const wrong = [
    sign({}, { key: stranger.privateKey }),
    sign({}, { iss: 'https://other.example' }),
    sign({}, { aud: 'another' }),
    sign({}, { exp: '-1m' }),
    sign({ groups: ['boss'] }),
    sign({ groups: undefined, role: 'administrator' }),
  ];
  for (const token of await Promise.all(wrong)) assert.equal(await verify(token), undefined);
  const [, payload = ''] = (await sign()).split('.');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  assert.equal(await verify(none), undefined);
});
