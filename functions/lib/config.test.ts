import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { type Config, readConfig } from './config.ts';

it('has a default for every setting, also for an empty one', () => {
  const expected = {
    database: { engine: 'sqlite', file: resolve('data/app.db'), synchronous: 'FULL' },
    redis: undefined,
    cacheListBytes: 16_777_216,
    binDays: 30,
    historyDays: 365,
    accounts: {
      sessions: { idleMs: 12 * 3_600_000, maxMs: 30 * 86_400_000 },
      pauses: { attempts: 5, maxPauseMs: 900_000 },
      linkMs: 72 * 3_600_000,
      peopleLimit: 1000,
      publicUrl: undefined,
    },
    siteKeyFile: undefined,
    tokenIssuer: undefined,
    openId: undefined,
    logLevel: 'INFO',
    mayFreeze: false,
  };
  assert.deepEqual(readConfig({}), expected);
  assert.deepEqual(readConfig({ DATABASE_URL: '', REDIS_URL: ' ', LOG_LEVEL: '' }), expected);
});

it('accepts absolute and relative paths', () => {
  const file = (url: string) => fileOf(readConfig({ DATABASE_URL: url }));
  assert.equal(file('sqlite:/data/app.db'), '/data/app.db');
  assert.equal(file('sqlite:///data/app.db'), '/data/app.db');
  assert.equal(file('sqlite:./some where/app.db'), resolve('some where/app.db'));
});

it('knows when the process may be frozen: under the Runtime API of Lambda', () => {
  assert.equal(readConfig({ AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }).mayFreeze, true);
});

it('reads the address of a server, of Sentinels and of a cluster', () => {
  const read = (url: string, more = {}) => {
    const { engine, servers, masterName, database, username, password, tls } =
      readConfig({ REDIS_URL: url, ...more }).redis ?? {};
    const hosts = servers?.map(({ host, port }) => `${host} ${port}`);
    return [engine, hosts, masterName, database, username, password, tls];
  };
  const none = undefined;
  assert.deepEqual(read('redis://localhost'), ['redis', ['localhost 6379'], '', 0, none, none, none]);
  assert.deepEqual(read('redis://:secret@redis:6380/2'), ['redis', ['redis 6380'], '', 2, none, 'secret', none]);
  assert.deepEqual(read('rediss://u:p%40ss%3A@[::1]:1'), ['redis', ['::1 1'], '', 0, 'u', 'p@ss:', {}]);
  assert.deepEqual(read('redis-sentinel://a:1,b/main'), [
    'redis-sentinel',
    ['a 1', 'b 26379'],
    'main',
    0,
    none,
    none,
    none,
  ]);
  assert.deepEqual(read('rediss-cluster://u@a:1,b', { REDIS_PASSWORD: 'p', REDIS_CA: 'PEM' }), [
    ...['redis-cluster', ['a 1', 'b 6379'], '', 0, 'u', 'p'],
    { ca: 'PEM' },
  ]);
});

it('refuses addresses of Redis that it would misread, and settings that contradict each other', () => {
  const wrong = [
    'redis://',
    'redis://a,b',
    'redis://a/name',
    'redis://a?x=1',
    'redis-sentinel://a',
    'redis-cluster://a/1',
  ];
  for (const url of [...wrong, 'http://a', 'redis://a:b:c', 'redis://%@a', 'redis-cluster://a,', 'redis://a:99999']) {
    assert.throws(() => readConfig({ REDIS_URL: url }), /^ConfigurationError: REDIS_URL must be/, url);
  }
  const both = { REDIS_URL: 'redis://:one@a', REDIS_PASSWORD: 'other' };
  assert.throws(() => readConfig(both), /REDIS_PASSWORD and REDIS_URL both have a password/);
  assert.throws(() => readConfig({ REDIS_URL: 'redis://a', REDIS_CA: 'PEM' }), /REDIS_CA needs a REDIS_URL with TLS/);
});

it('reads a setting with a password from a file', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-secret-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'redis_url');
  writeFileSync(file, 'redis://:hunter2@redis:6379\n');
  assert.equal(readConfig({ REDIS_URL: '', REDIS_URL_FILE: file }).redis?.password, 'hunter2');
  for (const [name, field] of [
    ['REDIS_PASSWORD', 'password'] as const,
    ['REDIS_SENTINEL_PASSWORD', 'sentinelPassword'] as const,
  ]) {
    writeFileSync(join(folder, 'password'), 'hunter2\n');
    const environment = { REDIS_URL: 'redis://app@redis', [`${name}_FILE`]: join(folder, 'password') };
    assert.equal(readConfig(environment).redis?.[field], 'hunter2');
  }
  writeFileSync(join(folder, 'database_url'), 'sqlite:/data/app.db\r\n');
  assert.equal(fileOf(readConfig({ DATABASE_URL_FILE: join(folder, 'database_url') })), '/data/app.db');

  const fails = (environment: Record<string, string>, message: RegExp) =>
    assert.throws(() => readConfig(environment), { name: 'ConfigurationError', message });
  fails({ REDIS_URL: 'redis://redis', REDIS_URL_FILE: file }, /^REDIS_URL and REDIS_URL_FILE are both set/);
  fails({ REDIS_URL_FILE: join(folder, 'missing') }, /^REDIS_URL_FILE: .*missing can't be read \(ENOENT\)$/);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const endless of [pipe, '/dev/zero', folder]) {
    fails({ REDIS_CA_FILE: endless }, /^REDIS_CA_FILE: .* can't be read \(it is no regular file\)$/);
  }
  writeFileSync(file, 'x'.repeat(1_048_577));
  fails({ REDIS_URL_FILE: file }, /^REDIS_URL_FILE: .* can't be read \(it has more than 1 MB\)$/);
  writeFileSync(file, '\n');
  fails({ REDIS_URL_FILE: file }, /^REDIS_URL_FILE: .* is empty$/);
  writeFileSync(file, 'http://:hunter2@redis');
  assert.throws(
    () => readConfig({ REDIS_URL_FILE: file }),
    ({ message }: Error) => !message.includes('hunter2'),
  );
});

it('names every invalid setting in one line, without the secrets in it', () => {
  const environment = {
    DATABASE_URL: 'mysql://root:hunter2@db',
    DATABASE_SYNCHRONOUS: 'sometimes',
    REDIS_URL: 'http://:hunter2@redis',
    LOG_LEVEL: 'LOUD',
  };
  assert.throws(
    () => readConfig(environment),
    (error: Error) => {
      assert.equal(error.name, 'ConfigurationError');
      for (const name of Object.keys(environment)) assert.ok(error.message.includes(name), name);
      assert.doesNotMatch(error.message, /\n|hunter2/);
      return true;
    },
  );
});

it('refuses databases that this version does not support', () => {
  assert.throws(() => readConfig({ DATABASE_URL: 'mysql://root@db/x' }), /sqlite:PATH.* or postgres:/);
  assert.throws(() => readConfig({ DATABASE_URL: 'sqlite::memory:' }), /must name a file/);
  assert.throws(() => readConfig({ DATABASE_URL: 'sqlite:' }), /must be sqlite:PATH/);
});

function fileOf({ database }: Config): string | undefined {
  return database.engine === 'sqlite' ? database.file : undefined;
}

it('reads where PostgreSQL is, and how to connect to it', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-postgres-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, 'from a file\n');
  const read = (url: string, more: Record<string, string> = {}) => {
    const { database } = readConfig({ DATABASE_URL: url, ...more });
    assert.ok(database.engine === 'postgres');
    return database;
  };
  const plain = read('postgres://ada:s%40t@db.example/users');
  assert.deepEqual(plain.client, {
    host: 'db.example',
    port: 5432,
    database: 'users',
    user: 'ada',
    password: 's@t',
    ssl: false,
    application_name: 'cadastro',
  });
  assert.deepEqual([plain.connections, plain.preparedStatements], [1, true]);
  const url = 'postgresql://ada@db.example:6432/users';
  const secured = read(url, {
    DATABASE_PASSWORD_FILE: file,
    DATABASE_CA_FILE: file,
    DATABASE_CONNECTIONS: '29',
    HOSTED_FUNCTIONS: '14',
    DATABASE_PREPARED_STATEMENTS: 'off',
  });
  assert.equal(secured.client.password, 'from a file');
  assert.deepEqual(secured.client.ssl, { rejectUnauthorized: true, ca: 'from a file' });
  assert.deepEqual([secured.connections, secured.preparedStatements], [2, false]);
  assert.deepEqual(read(`${url}?sslmode=verify-full`).client.ssl, { rejectUnauthorized: true });
  for (const wrong of [
    'postgres://db.example/users',
    'postgres://ada@db.example',
    `${url}?sslmode=prefer`,
    `${url}?x=1`,
  ]) {
    assert.throws(() => read(wrong), { name: 'ConfigurationError', message: /^DATABASE_URL/ }, wrong);
  }
});

it('takes a provider of OpenID Connect only with all that belongs to it, and over TLS', () => {
  const all = {
    OIDC_ISSUER: 'https://login.example.com',
    OIDC_CLIENT_ID: 'cadastro',
    OIDC_CLIENT_SECRET: 's3cr3t',
    PUBLIC_URL: 'https://users.example.com/',
  };
  assert.deepEqual(readConfig(all).openId, {
    issuer: 'https://login.example.com',
    clientId: 'cadastro',
    clientSecret: 's3cr3t',
    roleClaim: 'role',
    redirectUri: 'https://users.example.com/sign-in/openid/return',
  });
  for (const name of Object.keys(all)) {
    assert.throws(
      () => readConfig({ ...all, [name]: '' }),
      new RegExp(`${name} must be set|OIDC_ISSUER must be`),
      name,
    );
  }
  const isRefused = { name: 'ConfigurationError', message: /^OIDC_ISSUER must be the https/ };
  for (const OIDC_ISSUER of ['http://login.example.com', 'login', 'https://login.example.com/?tenant=1']) {
    assert.throws(() => readConfig({ ...all, OIDC_ISSUER }), isRefused, OIDC_ISSUER);
  }
  assert.ok(readConfig({ ...all, OIDC_ISSUER: 'http://127.0.0.1:9000' }).openId);
});

it('takes the address of the site only without a path', () => {
  assert.equal(
    readConfig({ PUBLIC_URL: 'https://Users.example.com/' }).accounts.publicUrl,
    'https://users.example.com',
  );
  for (const PUBLIC_URL of ['users.example.com', 'ftp://a.example', 'https://a.example/x', 'https://me:pw@a.example']) {
    assert.throws(() => readConfig({ PUBLIC_URL }), { name: 'ConfigurationError', message: /^PUBLIC_URL must be/ });
  }
});

it('takes the tokens of an issuer only together with an audience', () => {
  const JWT_ISSUER = 'https://login.example.com/';
  const { tokenIssuer } = readConfig({ JWT_ISSUER, JWT_AUDIENCE: 'directory' });
  assert.deepEqual(tokenIssuer, { url: JWT_ISSUER, audience: 'directory', roleClaim: 'role' });
  assert.throws(() => readConfig({ JWT_ISSUER }), /JWT_AUDIENCE must/);
  assert.throws(() => readConfig({ JWT_ISSUER: 'login', JWT_AUDIENCE: 'directory' }), /JWT_ISSUER must be the URL/);
});
