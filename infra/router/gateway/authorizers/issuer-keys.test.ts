/** The keys of an issuer, which a server of the test plays. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exportJWK, type FlattenedJWSInput, generateKeyPair } from 'jose';
import { issuerKeys } from './issuer-keys.ts';

const { publicKey } = await generateKeyPair('RS256');
const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };

/**
 * Starts an issuer.
 * @param answer the status of its documents, and text that follows them
 * @returns its URL, and the paths that it was asked for
 */
async function issuer(t: TestContext, answer: { status?: number; padding?: string } = {}) {
  const asked: string[] = [];
  const { status = 200, padding = '' } = answer;
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const document = url === '/keys' ? { keys: [key] } : { jwks_uri: `http://127.0.0.1:${port}/keys` };
    response.writeHead(status).end(JSON.stringify(document) + padding);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close() && server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}` };
}

const find = async (keys: ReturnType<typeof issuerKeys>) => keys({ alg: 'RS256', kid: 'one' }, {} as FlattenedJWSInput);

const documents = ['/.well-known/openid-configuration', '/keys'];

test('an issuer may end with a slash, and is asked once in two hours', async (t) => {
  const { url, asked } = await issuer(t);
  const keys = issuerKeys(`${url}/`);
  for (let i = 0; i < 2; i++) assert.ok(await find(keys));
  assert.deepEqual(asked, documents);
  const now = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => now() + 2 * 60 * 60 * 1000);
  assert.ok(await find(keys));
  assert.deepEqual(asked, [...documents, ...documents]);
});

test('an answer that is an error or endless names no keys', async (t) => {
  const refuses = async (answer: { status?: number; padding?: string }, cause: RegExp) => {
    const { url } = await issuer(t, answer);
    await assert.rejects(find(issuerKeys(url)), ({ name, cause: { message } }: Error & { cause: Error }) => {
      assert.equal(name, 'Issuer');
      assert.match(message, cause);
      return true;
    });
  };
  await refuses({ status: 500 }, /openid-configuration answers 500$/);
  await refuses({ padding: ' '.repeat(512 * 1024) }, /answers more than 524288 bytes$/);
});
