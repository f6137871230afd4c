/**
 * Runs functions as the Lambda image does, with exactly the variables of the template: infra/aws/lambda/bootstrap.ts reads the
 * secrets and starts aws-lambda-ric. The test plays the Lambda service, CloudFormation and Secrets Manager.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { logicalId, type Resource } from '../../aws/template/cloudformation.ts';
import { functionsTemplate } from '../../aws/template/functions.ts';
import { parseConfig } from '../../router/config.ts';
import { readManifest } from '../../router/manifest.ts';
import { openLambdaService, variablesOfLambda } from '../support/lambda-service.ts';
import { ricSuite } from '../support/ric.ts';
import { openSecretsManager } from '../support/secrets-manager.ts';
import { deployedVariables } from './deployed-variables.ts';

const root = join(import.meta.dirname, '../../..');
const template = functionsTemplate(readManifest(join(root, 'dist')), {
  api: parseConfig({}),
  concurrency: 400,
  schema: { version: 6, hash: 'abc' },
});
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:database-a1B2c3';

ricSuite('functions with the variables of the template', () => {
  test('migrate answers CloudFormation, and then every function answers its events', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-lambda-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const parameters = { DatabaseUrl: `sqlite:${join(folder, 'app.db')}` };

    const cloudFormation = await openBucket(t);
    const migrate = await startLambda(t, 'migrate', parameters);
    await migrate.invoke({
      RequestType: 'Create',
      ResponseURL: cloudFormation.url,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'MigrateMigration',
      ResourceType: 'AWS::CloudFormation::CustomResource',
      ResourceProperties: {},
    });
    const { Status, Reason } = await cloudFormation.answer;
    assert.equal(Status, 'SUCCESS', Reason);
    assert.match(Reason ?? '', /^Ran 001-create-users, /);

    const answer = async (name: string, event: string) => {
      const { invoke } = await startLambda(t, name, parameters);
      const { kind, body } = await invoke(
        JSON.parse(readFileSync(join(root, 'functions', name, 'events', event), 'utf8')),
      );
      assert.equal(kind, 'response', body);
      return JSON.parse(body) as { statusCode: number; body: string };
    };
    const health = await answer('health', 'get.json');
    assert.equal(health.statusCode, 200);
    assert.equal(JSON.parse(health.body).database, 'ok');
    assert.equal((await answer('create-user', 'valid.json')).statusCode, 201);
    assert.equal((await answer('get-user', 'found.json')).statusCode, 200);
    assert.equal((await answer('list-users', 'first-page.json')).statusCode, 200);
  });

  test('migrate reports a setting that is wrong, so that CloudFormation does not wait for it', async (t) => {
    const cloudFormation = await openBucket(t);
    const { invoke } = await startLambda(t, 'migrate', { DatabaseUrl: 'mysql://h/d' });
    await invoke({
      RequestType: 'Create',
      ResponseURL: cloudFormation.url,
      LogicalResourceId: 'M',
      ResourceProperties: {},
    });
    const { Status, Reason } = await cloudFormation.answer;
    assert.equal(Status, 'FAILED');
    assert.match(Reason ?? '', /^ConfigurationError: DATABASE_URL must be/);
  });

  test('migrate leaves a newer schema alone when a deployment goes back', async (t) => {
    const cloudFormation = await openBucket(t);
    const { invoke } = await startLambda(t, 'migrate', { DatabaseUrl: 'mysql://never-opened' });
    await invoke({
      RequestType: 'Update',
      ResponseURL: cloudFormation.url,
      PhysicalResourceId: 'M',
      ResourceProperties: { SchemaVersion: '9', DatabaseUrl: 'same' },
      OldResourceProperties: { SchemaVersion: '10', DatabaseUrl: 'same' },
    });
    assert.partialDeepStrictEqual(await cloudFormation.answer, { Status: 'SUCCESS', Reason: 'Nothing goes back' });
  });

  test('a function finds the value of a secret in the file that the entry point wrote', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-lambda-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const secret = JSON.stringify({ url: `sqlite:${join(folder, 'app.db')}` });
    const { variables } = await openSecretsManager(t, { [secretArn]: secret });
    const service = await openLambdaService(t);
    run(t, 'MigrateFunction', {
      ...variablesOfLambda('migrate'),
      ...variables,
      DATABASE_URL_SECRET: `${secretArn}:url::`,
      AWS_LAMBDA_RUNTIME_API: service.address,
    });
    const cloudFormation = await openBucket(t);
    await service.invoke({ RequestType: 'Create', ResponseURL: cloudFormation.url, LogicalResourceId: 'M' });
    assert.equal((await cloudFormation.answer).Status, 'SUCCESS');
    assert.ok(existsSync(join(folder, 'app.db')));
  });

  test('a secret that cannot be read ends the start with one line', async (t) => {
    const { variables } = await openSecretsManager(t, {});
    const child = run(t, 'HealthFunction', { ...variables, DATABASE_PASSWORD_SECRET: `${secretArn}:password::` });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(errors, /^cadastro: DATABASE_PASSWORD_SECRET: Secrets Manager answers 400 \(ResourceNotFound.*\n$/);
  });
});

/** Starts a function with the variables that the template gives it. */
async function startLambda(t: TestContext, name: string, parameters: Record<string, string>) {
  const id = `${logicalId(name)}Function`;
  const service = await openLambdaService(t);
  const child = run(t, id, {
    ...variablesOfLambda(name),
    ...deployedVariables(template, id, parameters),
    AWS_LAMBDA_RUNTIME_API: service.address,
  });
  const ended = once(child, 'exit').then(([code]) => assert.fail(`${name} ended with ${code}`));
  ended.catch(() => {});
  return { invoke: (event: unknown) => Promise.race([service.invoke(event), ended]) };
}

/** Runs the entry point of the image with the command of a function of the template. */
function run(t: TestContext, id: string, env: Record<string, string>): ChildProcess {
  const { ImageConfig } = (template.Resources[id] as Resource).Properties as { ImageConfig: { Command: string[] } };
  const child = spawn(process.execPath, [join(root, 'dist/aws/bootstrap.mjs'), ...ImageConfig.Command], {
    cwd: join(root, 'dist'),
    env: {
      LAMBDA_TASK_ROOT: join(root, 'dist'),
      ...(process.env.RIC_PATH && { RIC_PATH: process.env.RIC_PATH }),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Plays the bucket that takes the answers to CloudFormation. */
async function openBucket(t: TestContext) {
  const answered = Promise.withResolvers<{ Status?: string; Reason?: string }>();
  const server = createServer(async (request, response) => {
    answered.resolve((await json(request)) as { Status?: string; Reason?: string });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, answer: answered.promise };
}
