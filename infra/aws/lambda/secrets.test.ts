import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { openSecretsManager } from '../../tests/support/secrets-manager.ts';
import { readSecrets } from './secrets.ts';

const arn = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:database-a1B2c3';

test('writes a field of a secret to a file that this user alone can read', async (t) => {
  const { variables } = await openSecretsManager(t, { [arn]: '{"username":"u","password":"pässword"}' });
  const environment: Record<string, string | undefined> = {
    ...variables,
    DATABASE_PASSWORD_SECRET: `${arn}:password::`,
    OTHER: 'stays',
  };
  await readSecrets(environment);
  const { DATABASE_PASSWORD_FILE: file = '', DATABASE_PASSWORD_SECRET, OTHER } = environment;
  assert.equal(readFileSync(file, 'utf8'), 'pässword');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual([DATABASE_PASSWORD_SECRET, OTHER], [undefined, 'stays']);
});

test('takes a whole secret, and several at once', async (t) => {
  const other = `${arn}-2`;
  const { variables, requests } = await openSecretsManager(t, { [arn]: 'one', [other]: 'two' });
  const environment: Record<string, string | undefined> = { ...variables, A_SECRET: arn, B_SECRET: other };
  await readSecrets(environment);
  assert.equal(readFileSync(environment.A_FILE ?? '', 'utf8'), 'one');
  assert.equal(readFileSync(environment.B_FILE ?? '', 'utf8'), 'two');
  assert.equal(requests.length, 2);
});

test('asks nobody when there is no secret', async () => {
  const environment = { DATABASE_URL: 'sqlite:a.db', EMPTY_SECRET: '' };
  await readSecrets(environment);
  assert.deepEqual(environment, { DATABASE_URL: 'sqlite:a.db', EMPTY_SECRET: '' });
});

test('repeats a call that AWS throttles', async (t) => {
  const { variables, requests } = await openSecretsManager(t, { [arn]: 'one' }, { throttled: 2 });
  await readSecrets({ ...variables, A_SECRET: arn });
  assert.equal(requests.length, 3);
});

test('names the variable and the reason of a failure, and never the secret', async (t) => {
  const { variables } = await openSecretsManager(t, { [arn]: '{"password":5,"user":"s3cr3t"}' });
  const fails = (value: string, message: RegExp, more = {}) =>
    assert.rejects(readSecrets({ ...variables, ...more, A_SECRET: value }), (error: Error) => {
      assert.equal(error.name, 'SecretError');
      assert.match(error.message, message);
      return !error.message.includes('s3cr3t');
    });
  await fails('password', /^A_SECRET takes the ARN of a secret/);
  await fails(`${arn}:password::`, /^A_SECRET: the secret is no JSON object with a text "password"/);
  await fails(`${arn}:none::`, /no JSON object with a text "none"/);
  await fails(`${arn}-9`, /^A_SECRET: Secrets Manager answers 400 \(ResourceNotFoundException\): check the role/);
  await fails(arn, /answers 403 \(SignatureDoesNotMatch\)/, { AWS_SECRET_ACCESS_KEY: 'another' });
  const nobody = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' };
  await fails(arn, /^A_SECRET: Secrets Manager can't be reached \(.+\): check the VPC/, nobody);
});
