import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { it } from 'node:test';
import { readConfig } from './config.ts';

it('has a default for every setting, also for an empty one', () => {
  const expected = {
    databaseFile: resolve('data/app.db'),
    synchronous: 'FULL',
    redisUrl: undefined,
    cacheListBytes: 16_777_216,
    logLevel: 'INFO',
  };
  assert.deepEqual(readConfig({}), expected);
  assert.deepEqual(readConfig({ DATABASE_URL: '', REDIS_URL: ' ', LOG_LEVEL: '' }), expected);
});

it('accepts absolute and relative paths', () => {
  const file = (url: string) => readConfig({ DATABASE_URL: url }).databaseFile;
  assert.equal(file('sqlite:/data/app.db'), '/data/app.db');
  assert.equal(file('sqlite:///data/app.db'), '/data/app.db');
  assert.equal(file('sqlite:./some where/app.db'), resolve('some where/app.db'));
});

it('accepts redis and rediss', () => {
  for (const url of ['redis://localhost', 'redis://:secret@redis:6379/2', 'rediss://user:secret@host:6380']) {
    assert.equal(readConfig({ REDIS_URL: url }).redisUrl, url);
  }
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
