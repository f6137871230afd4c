/** Redis over TLS, with a certificate of an authority that only the operator knows, and with a password. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { administratorHeaders } from '../support/auth.ts';
import { makeAuthority, makeServerCertificate, skipWithoutOpenssl } from '../support/certificates.ts';
import { freePort } from '../support/ports.ts';
import { RedisServer, skipWithoutRedis } from '../support/redis.ts';
import { skipWithout } from '../support/requirement.ts';
import { startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';

const password = 'sesame';
const skip = skipWithoutRedis() || skipWithoutOpenssl() || skipWithout(withoutTls());

/** @returns why redis-server can't do TLS; undefined when it can */
function withoutTls(): string | undefined {
  const { stdout } = spawnSync('redis-server', ['--port', '0', '--tls-port', 'x'], { encoding: 'utf8' });
  return /Bad directive/.test(stdout) ? 'redis-server was built without TLS' : undefined;
}

describe('Redis over TLS', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-tls-'));
  const file = (name: string) => join(folder, name);
  const files = (names: Record<string, string>) =>
    Object.fromEntries(Object.entries(names).map(([setting, name]) => [setting, file(name)]));
  let databases = 0;
  let redis: RedisServer;
  let address: string;

  before(async () => {
    for (const name of ['authority', 'stranger']) makeAuthority(folder, name);
    makeServerCertificate(folder, 'redis', 'authority');
    const port = await freePort();
    const files = ['cert-file', 'redis.crt', 'key-file', 'redis.key', 'ca-cert-file', 'authority.crt'];
    const options = files.map((one, index) => (index % 2 === 0 ? `--tls-${one}` : join(folder, one)));
    redis = await RedisServer.start([
      ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--requirepass', password],
      ...['--user', 'cadastro', 'on', `>${password}`, '~*', '+@all'],
      ...options,
    ]);
    address = `127.0.0.1:${port}`;
  });
  after(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true });
  });

  /**
   * Starts a router, and calls `check` with what X-Cache of a read and the cache in /health say.
   * @param env beside REDIS_URL
   */
  async function withRouter(
    url: string,
    env: Record<string, string>,
    check: (read: () => Promise<[string | null, string]>, reason: () => Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    const settings = { DATABASE_URL: `sqlite:${file(`${++databases}.db`)}`, REDIS_URL: url, ...env };
    const router = await startRouter({ env: settings });
    const headers = await administratorHeaders({ DATABASE_URL: settings.DATABASE_URL });
    const read = async (): Promise<[string | null, string]> => {
      const page = await fetch(`${router.url}/users`, { headers });
      await page.text();
      const health = (await (await fetch(`${router.url}/health`)).json()) as { cache: string };
      return [page.headers.get('x-cache'), health.cache];
    };
    const isWarning = ({ message }: { message: unknown }) => String(message).startsWith('Redis is not reachable');
    try {
      await check(read, async () => (await router.logged(isWarning)).reason);
    } finally {
      await router.stop();
    }
  }

  for (const name of ['NODE_EXTRA_CA_CERTS', 'REDIS_CA_FILE']) {
    it(`is used when ${name} of the router names its authority`, () =>
      withRouter(`rediss://:${password}@${address}`, { [name]: file('authority.crt') }, async (read) => {
        await until('a hit', async () => (await read())[0] === 'hit');
        assert.deepEqual(await read(), ['hit', 'ok']);
      }));
  }

  it('is used by strict functions with a user of its own, whose password is in a file', async () => {
    writeFileSync(file('password'), `${password}\n`);
    const env = { REDIS_CA_FILE: file('authority.crt'), REDIS_PASSWORD_FILE: file('password') };
    await withRouter(`rediss://cadastro@${address}`, { ...env, FUNCTION_PERMISSIONS: 'strict' }, async (read) => {
      await until('a hit', async () => (await read())[0] === 'hit');
    });
  });

  for (const [what, env] of [
    ['no authority', {}],
    ['another authority', { REDIS_CA_FILE: 'stranger.crt' }],
  ] as const) {
    it(`is bypassed with ${what}, and the log says why`, () =>
      withRouter(`rediss://:${password}@${address}`, files(env), async (read, reason) => {
        assert.match(String(await reason()), /certificate.*REDIS_CA_FILE/);
        assert.deepEqual(await read(), ['bypass', 'bypass']);
      }));
  }

  for (const [what, user, cause] of [
    ['a wrong password', ':wrong@', /WRONGPASS/],
    ['no password', '', /NOAUTH/],
  ] as const) {
    it(`is bypassed with ${what}, and the log says why`, () =>
      withRouter(`rediss://${user}${address}`, files({ REDIS_CA_FILE: 'authority.crt' }), async (read, reason) => {
        const text = String(await reason());
        assert.match(text, cause);
        assert.doesNotMatch(text, /wrong@/);
        assert.deepEqual(await read(), ['bypass', 'bypass']);
      }));
  }
});
