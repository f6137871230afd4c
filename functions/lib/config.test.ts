import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { readConfig } from './config.ts';

it('has a default for every setting, also for an empty one', () => {
  const expected = {
    database: { engine: 'sqlite', file: resolve('data/app.db'), synchronous: 'FULL' },
    redisUrl: undefined,
    cacheListBytes: 16_777_216,
    binDays: 30,
    logLevel: 'INFO',
  };
  assert.deepEqual(readConfig({}), expected);
  assert.deepEqual(readConfig({ DATABASE_URL: '', REDIS_URL: ' ', LOG_LEVEL: '' }), expected);
});

it('accepts absolute and relative paths', () => {
  const file = (url: string) => readConfig({ DATABASE_URL: url }).database.file;
  assert.equal(file('sqlite:/data/app.db'), '/data/app.db');
  assert.equal(file('sqlite:///data/app.db'), '/data/app.db');
  assert.equal(file('sqlite:./some where/app.db'), resolve('some where/app.db'));
});

it('accepts redis and rediss', () => {
  for (const url of ['redis://localhost', 'redis://:secret@redis:6379/2', 'rediss://user:secret@host:6380']) {
    assert.equal(readConfig({ REDIS_URL: url }).redisUrl, url);
  }
});

it('reads a setting with a password from a file', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-secret-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'redis_url');
  writeFileSync(file, 'redis://:hunter2@redis:6379\n');
  assert.equal(readConfig({ REDIS_URL: '', REDIS_URL_FILE: file }).redisUrl, 'redis://:hunter2@redis:6379');
  writeFileSync(join(folder, 'database_url'), 'sqlite:/data/app.db\r\n');
  assert.equal(readConfig({ DATABASE_URL_FILE: join(folder, 'database_url') }).database.file, '/data/app.db');

  const fails = (environment: Record<string, string>, message: RegExp) =>
    assert.throws(() => readConfig(environment), { name: 'ConfigurationError', message });
  fails({ REDIS_URL: 'redis://redis', REDIS_URL_FILE: file }, /^REDIS_URL and REDIS_URL_FILE are both set/);
  fails({ REDIS_URL_FILE: join(folder, 'missing') }, /^REDIS_URL_FILE: .*missing can't be read \(ENOENT\)$/);
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
  assert.throws(
    () => readConfig({ DATABASE_URL: 'postgres://localhost/x' }),
    /PostgreSQL is not supported in this version/,
  );
  assert.throws(() => readConfig({ DATABASE_URL: 'sqlite::memory:' }), /must name a file/);
  assert.throws(() => readConfig({ DATABASE_URL: 'sqlite:' }), /must be sqlite:PATH/);
});
