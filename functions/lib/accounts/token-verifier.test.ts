import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
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
function sign(more: object = {}, { aud = 'directory', iss = issuer, exp = '5m', key = privateKey } = {}) {
  const token = new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'ES256', kid: 'one' });
  return token.setIssuer(iss).setAudience(aud).setExpirationTime(exp).sign(key);
}

it('recognizes the subject of a token, with the highest role that it names', async () => {
  const caller = { actorKind: 'person', actorId: 'jwt:7', actorName: 'Ada', role: 'editor' };
  assert.deepEqual(await verify(await sign()), caller);
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
