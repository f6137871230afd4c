/** Runs the router, the Job and Redis with the variables and commands of the manifests, and secrets as Kubernetes mounts them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { secretFolders } from '../../kubernetes/options.ts';
import { makeAuthority, makeServerCertificate, skipWithoutOpenssl } from '../support/certificates.ts';
import { freePort } from '../support/ports.ts';
import { PostgresServer, skipWithoutPostgres } from '../support/postgres.ts';
import { skipWithoutRedis } from '../support/redis.ts';
import { startRouter } from '../support/router.ts';
import { until } from '../support/until.ts';
import { type Pod, pods, variablesOf } from './objects.ts';

const root = join(import.meta.dirname, '../../..');
const podOf = (part: string) => pods.find(({ owner }) => owner.startsWith(part)) as Pod;

/** Settings whose values only fit a pod: ports that are taken here, and a delay for load balancers. */
const ofPods = ['PORT', 'STATUS_PORT', 'DRAIN_DELAY_MS'];

test('the Job migrates, the commands of accounts run with the same variables, and the router answers its probes and reaches database and cache, over TLS and with a password', {
  skip: skipWithoutRedis() || skipWithoutPostgres() || skipWithoutOpenssl(),
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-kubernetes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  for (const name of ['authority', 'stranger']) makeAuthority(folder, name);
  makeServerCertificate(folder, 'server', 'authority');
  const postgres = await PostgresServer.start();
  t.after(() => postgres.stop());
  await postgres.offerTls(join(folder, 'server.crt'), join(folder, 'server.key'));
  const databaseUrl = await postgres.createDatabase();
  const authority = readFileSync(join(folder, 'authority.crt'), 'utf8');
  mountSecret(join(folder, 'database'), { url: `${databaseUrl}?sslmode=verify-full\n`, 'ca.crt': authority });
  mountSecret(join(folder, 'redis'), { url: `redis://:s3cr3t@127.0.0.1:${port}`, password: 's3cr3t' });
  mountSecret(join(folder, 'openid'), { 'client-secret': 'secret' });
  const local = (text: string) =>
    text
      .replaceAll(secretFolders.database, join(folder, 'database'))
      .replaceAll(secretFolders.redis, join(folder, 'redis'))
      .replaceAll(secretFolders.openid, join(folder, 'openid'))
      .replaceAll('/app/dist', join(root, 'dist'))
      .replace('port 6379', `port ${port}`)
      .replace('redis-cli', `redis-cli -p ${port}`);
  const variables = Object.fromEntries(
    Object.entries(variablesOf(podOf('cadastro-api')))
      .filter(([name]) => !ofPods.includes(name))
      .map(([name, value]) => [name, local(value)]),
  );

  const redis = podOf('cadastro-redis').container;
  await startRedis(t, redis.command?.map(local) ?? []);
  const ping = redis.livenessProbe?.exec?.command?.map(local) ?? [];
  await until('Redis answers its probe', () => run(ping, {}).status === 0);

  const job = podOf('cadastro-migrate');
  assert.deepEqual(variablesOf(job), variablesOf(podOf('cadastro-api')));
  const migrated = run(job.container.command?.map(local) ?? [], variables);
  assert.equal(migrated.status, 0, migrated.stderr);
  assert.match(migrated.stdout, /"migrated":"001-create-users/);
  const failed = run(job.container.command?.map(local) ?? [], { ...variables, DATABASE_URL_FILE: '/nowhere' });
  assert.equal(failed.status, 1);
  const stranger = run(job.container.command?.map(local) ?? [], {
    ...variables,
    DATABASE_CA_FILE: join(folder, 'stranger.crt'),
  });
  assert.equal(stranger.status, 1);
  assert.match(stranger.stderr, /certificate/);

  const command = (name: string, args: string[], input = '') =>
    spawnSync(process.execPath, [join(root, `infra/scripts/${name}.ts`), ...args], {
      ...{ env: { PATH: process.env.PATH, ...variables }, encoding: 'utf8' as const, input },
    });
  const added = command('people', ['add', 'Ada', '--role', 'administrator'], 'correct horse battery\n');
  assert.equal(added.status, 0, added.stderr);
  const key = command('keys', ['create', 'report', '--role', 'reader']).stdout.trim();

  // As in the image, functions reach the files that their variables name, and no other ones.
  const strict = { FUNCTION_PERMISSIONS: 'strict', FUNCTION_PATHS: join(folder, 'files') };
  const router = await startRouter({ env: { ...variables, ...strict } });
  t.after(() => router.stop());
  const { livenessProbe, readinessProbe } = podOf('cadastro-api').container;
  for (const probe of [livenessProbe, readinessProbe]) {
    assert.equal((await fetch(router.statusUrl + probe?.httpGet?.path)).status, 200);
  }
  const health = await (await fetch(`${router.url}/health`)).json();
  assert.partialDeepStrictEqual(health, { status: 'ok', databaseEngine: 'postgres', database: 'ok', cache: 'ok' });
  const signIn = { name: 'Ada', password: 'correct horse battery' };
  const session = await fetch(`${router.url}/sessions`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(signIn) },
  });
  assert.equal(session.status, 201);
  const statusOf = async (headers: Record<string, string>) => (await fetch(`${router.url}/users`, { headers })).status;
  assert.deepEqual([await statusOf({}), await statusOf({ 'x-api-key': key })], [401, 200]);
  const connections = await postgres.query<{ ssl: boolean }>(
    'SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND pid <> pg_backend_pid()',
    databaseUrl,
  );
  assert.ok(connections.length > 0 && connections.every(({ ssl }) => ssl));
  assert.match(command('erase', ['7', '--imports', folder]).stderr, /holds nothing of a user with the id 7/);
});

/** Lays files out as Kubernetes does: names that lead through a link to a folder that it replaces at once. */
function mountSecret(folder: string, values: Record<string, string>): void {
  mkdirSync(join(folder, '..2026'), { recursive: true });
  symlinkSync('..2026', join(folder, '..data'));
  for (const [key, value] of Object.entries(values)) {
    writeFileSync(join(folder, '..2026', key), value);
    symlinkSync(join('..data', key), join(folder, key));
  }
}

function run([program = '', ...args]: string[], env: Record<string, string>) {
  return spawnSync(program, args, { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
}

async function startRedis(t: TestContext, [program = '', ...args]: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' });
  await once(child, 'spawn');
  t.after(() => child.kill('SIGKILL'));
}
