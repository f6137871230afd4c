/**
 * The compose stack with AUTH=on, on each database: the commands of accounts run in containers, and the API asks for credentials. Several
 * routers have TLS in front.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { Agent, fetch, setGlobalDispatcher } from 'undici';
import { makeAuthority, makeServerCertificate, skipWithoutOpenssl } from '../support/certificates.ts';
import { skipWithout } from '../support/requirement.ts';
import { engineMissing, Stack } from './stack.ts';

const root = join(import.meta.dirname, '../../..');
const skip = skipWithout(await engineMissing()) || skipWithoutOpenssl();
/** How long the containers may take to become healthy. */
const healthyTimeoutSeconds = '900';
const password = 'correct horse battery';

const stacks = [
  { name: 'one router on SQLite', files: ['compose.yaml'], routers: 1, hasTls: false },
  {
    name: 'two routers on PostgreSQL behind TLS',
    files: ['compose.yaml', 'infra/scale/compose.yaml', 'infra/scale/tls.yaml'],
    ...{ routers: 2, hasTls: true },
  },
];

/** The certificate of the tests, and the authority that signed it. */
const folder = mkdtempSync(join(tmpdir(), 'cadastro-tls-'));
before(() => {
  makeAuthority(folder, 'authority');
  makeServerCertificate(folder, 'server', 'authority');
  // nginx is another user in its container.
  chmodSync(join(folder, 'server.key'), 0o644);
  setGlobalDispatcher(new Agent({ connect: { ca: readFileSync(join(folder, 'authority.crt'), 'utf8') } }));
});
after(() => rmSync(folder, { recursive: true }));

for (const { name, files, routers, hasTls } of stacks) {
  describe(`the compose stack with AUTH=on, with ${name}`, { skip, concurrency: false }, () => {
    let stack: Stack;
    let api: string;
    let site: string;

    before(
      async () => {
        stack = await Stack.create(`accounts-${routers}`);
        Object.assign(stack.env, { AUTH: 'on', COMPOSE_FILE: files.join(':') });
        if (hasTls) {
          api = stack.api.replace('http:', 'https:');
          site = stack.site.replace('http:', 'https:');
          const [TLS_CERTIFICATE, TLS_KEY] = [join(folder, 'server.crt'), join(folder, 'server.key')];
          Object.assign(stack.env, { TLS_CERTIFICATE, TLS_KEY, PUBLIC_URL: site });
        } else ({ api, site } = stack);
        const scale = ['--scale', `api=${routers}`];
        await stack.compose('up', '--build', '--wait', '--wait-timeout', healthyTimeoutSeconds, ...scale);
      },
      { timeout: 1_800_000 },
    );
    after(() => stack?.remove(), { timeout: 120_000 });

    /** Runs a command in a container of the API. @returns its standard output */
    async function command(args: string[], input?: string): Promise<string> {
      const { code, stdout, stderr } = await stack.run('api', args, input);
      assert.equal(code, 0, stderr);
      return stdout.trim();
    }

    async function call(request: string, credential?: string, body?: object) {
      const [method = '', path] = request.split(' ');
      const answer = await fetch(`${api}${path}`, {
        method,
        headers: {
          ...(credential && { authorization: `Bearer ${credential}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
    }

    test('is not updated by a shell that does not know that AUTH is on', async () => {
      const env = { ...process.env, ...stack.env, COMPOSE_PROJECT_NAME: stack.project, AUTH: undefined };
      await assert.rejects(promisify(execFile)('sh', [join(root, 'infra/scale/rollout.sh')], { env }), {
        code: 1,
        stderr: /run with AUTH=on, and AUTH is not set here/,
      });
    });

    test('refuses callers without a credential, and publishes no Invoke API', async () => {
      const refused = await call('GET /users');
      assert.equal(refused.status, 401);
      assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer /);
      assert.equal((await call('GET /users', `cadk_${'0'.repeat(16)}_${'x'.repeat(43)}`)).status, 401);
      assert.equal((await call('GET /health')).status, 200);
      await assert.rejects(fetch(`${stack.invoke}/2015-03-31/functions/openapi/invocations`, { method: 'POST' }));
      const ids = (await stack.compose('ps', '--quiet', 'api')).trim().split('\n');
      assert.equal(ids.length, routers);
      assert.doesNotMatch(await stack.compose('ps', '--format', 'json'), /"TargetPort":3001,"PublishedPort":[1-9]/);
    });

    test('lets the first administrator of the command sign in and invite people', async () => {
      await command(['people', 'add', 'Ada Lovelace', '--role', 'administrator'], `${password}\n`);
      const session = await call('POST /sessions', undefined, { name: 'Ada Lovelace', password });
      assert.equal(session.status, 201);
      const { token } = session.body;
      assert.equal((await call('POST /people', token, { name: 'Grace', role: 'editor' })).status, 201);
      assert.match(await command(['people', 'list']), /Ada Lovelace +administrator +active.*\nGrace +editor +invited/);
      await command(['people', 'disable', 'Grace']);
      const { people } = (await call('GET /people', token)).body;
      assert.deepEqual(
        people.map((person: { name: string; isDisabled: boolean }) => [person.name, person.isDisabled]),
        [
          ['Ada Lovelace', false],
          ['Grace', true],
        ],
      );
    });

    test('takes a key until it is revoked, and after that for AUTH_CACHE_MS at most', async () => {
      const key = await command(['keys', 'create', 'report', '--role', 'reader']);
      // Every router keeps that it knows the caller.
      const first = await Promise.all(Array.from({ length: 8 * routers }, () => call('GET /users', key)));
      assert.deepEqual([...new Set(first.map(({ status }) => status))], [200]);
      assert.equal((await call('POST /users', key, { name: 'Bob', email: 'bob@example.com' })).status, 403);
      await command(['keys', 'revoke', 'report']);
      const revokedAt = performance.now();
      const cacheMs = 5000;
      for (let refusals = 0; refusals < 4 * routers; ) {
        const isLate = performance.now() > revokedAt + cacheMs;
        const { status } = await call('GET /users', key);
        assert.ok(status === 401 || (status === 200 && !isLate), `${status}, late: ${isLate}`);
        // Another router may still know the key after one refuses it.
        if (status === 401 && isLate) refusals += 1;
      }
    });

    test('erases a person by the command in a container', async () => {
      const key = await command(['keys', 'create', 'writer', '--role', 'administrator', '--days', '1']);
      const { status, body } = await call('POST /users', key, { name: 'Eve', email: 'eve@example.com' });
      assert.equal(status, 201);
      const history = await call(`GET /users/${body.id}/history`, key);
      assert.equal(history.body.changes[0].actor.name, 'writer');
      await command(['erase', String(body.id)]);
      assert.equal((await call(`GET /users/${body.id}`, key)).status, 404);
      assert.equal((await call(`GET /users/${body.id}/history`, key)).status, 404);
    });

    test('prints whole links only where it knows the address of the site', async () => {
      const link = await command(['people', 'add', 'Barbara', '--link']);
      assert.equal(/^https:/.test(link), hasTls, link);
      if (hasTls) assert.ok(link.startsWith(`${site}/link#cadl_`), link);
    });

    if (hasTls)
      test('speaks TLS alone, and keeps browsers to it', async () => {
        for (const url of [`${api}/health`, `${site}/livez`]) {
          const answer = await fetch(url);
          assert.equal(answer.status, 200, url);
          assert.match(answer.headers.get('strict-transport-security') ?? '', /^max-age=\d{7,}$/, url);
        }
        const page = await fetch(`${stack.site}/?q=zo%C3%AB`, { redirect: 'manual' });
        assert.deepEqual([page.status, page.headers.get('location')], [308, `${site}/?q=zo%C3%AB`]);
        // A key that was sent without TLS is known to others: the client must learn that it is wrong.
        assert.equal((await fetch(`${stack.api}/users`)).status, 400);
        const stranger = new Agent();
        await assert.rejects(fetch(`${site}/livez`, { dispatcher: stranger }), 'the certificate is checked');
        await stranger.close();
      });

    if (hasTls)
      test('gives a connection one request at a time, also where the client could do HTTP/2', async () => {
        const ca = readFileSync(join(folder, 'authority.crt'));
        for (const url of [api, site]) {
          const { hostname: host, port } = new URL(url);
          const socket = connect({ host, port: Number(port), ca, ALPNProtocols: ['h2', 'http/1.1'] });
          await once(socket, 'secureConnect');
          assert.equal(socket.alpnProtocol, 'http/1.1', url);
          socket.destroy();
        }
      });

    test('does not start where other machines get in and AUTH is off', async () => {
      const { AUTH, PUBLISH_ADDRESS } = stack.env;
      Object.assign(stack.env, { AUTH: 'off', PUBLISH_ADDRESS: '0.0.0.0' });
      for (const service of ['api', 'site']) {
        const { code, stderr, stdout } = await stack.run(service, []);
        assert.equal(code, 2, stdout + stderr);
        assert.match(stdout + stderr, /PUBLISH_ADDRESS lets other machines in, and AUTH is off/);
      }
      Object.assign(stack.env, { AUTH, PUBLISH_ADDRESS });
    });
  });
}
