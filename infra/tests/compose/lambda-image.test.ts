/** Runs the bundles in the Lambda image under AWS's own client: one with a test in Lambda's place, all of them with the router there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { openLambdaService, variablesOfLambda } from '../support/lambda-service.ts';
import { skipWithoutPostgres } from '../support/postgres.ts';
import { skipWithoutRedis } from '../support/redis.ts';
import { skipWithout } from '../support/requirement.ts';
import { optionsOfLambda } from './function-in-container.ts';
import { docker, engineMissing, tryDocker } from './stack.ts';

const root = join(import.meta.dirname, '../../..');
const skip = skipWithout(await engineMissing());
const skipOnPostgres = skipWithoutRedis() || skipWithoutPostgres();
const tag = `cadastro-lambda-test-${process.pid}`;

const event = {
  version: '2.0',
  routeKey: 'GET /openapi.json',
  rawPath: '/openapi.json',
  rawQueryString: '',
  headers: { accept: '*/*' },
  requestContext: {
    http: { method: 'GET', path: '/openapi.json', sourceIp: '127.0.0.1' },
    requestId: 'r',
    stage: '$default',
  },
  isBase64Encoded: false,
};

describe('the Lambda image', { skip, concurrency: false }, () => {
  before(
    async () => {
      await docker(['build', '-q', '-t', `${tag}-api`, '-f', 'infra/router/Dockerfile', '.']);
      const ofImage = ['--build-arg', `API_IMAGE=${tag}-api`, '-f', 'infra/aws/Dockerfile', 'infra/aws'];
      await docker(['build', '-q', '-t', tag, ...ofImage]);
    },
    { timeout: 1_200_000 },
  );
  after(async () => {
    const left = (await docker(['ps', '--all', '--quiet', '--filter', `label=${tag}`])).split('\n').filter(Boolean);
    if (left.length > 0) await tryDocker(['rm', '-f', '-v', ...left]);
    await tryDocker(['image', 'rm', tag, `${tag}-api`]);
  });

  test('answers an event of API Gateway', async (context) => {
    const service = await openLambdaService(context);
    const variables = { ...variablesOfLambda('openapi'), AWS_LAMBDA_RUNTIME_API: service.address };
    const running = tryDocker([
      ...['run', '--label', tag, ...optionsOfLambda],
      ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      ...[tag, 'functions/openapi/handler.handler'],
    ]);
    const first = await Promise.race([
      service.invoke(event),
      running.then(({ stderr }) => assert.fail(`the container ended: ${stderr}`)),
    ]);
    assert.equal(first.kind, 'response', first.body);
    const answer = JSON.parse(first.body);
    assert.equal(answer.statusCode, 200);
    assert.match(JSON.parse(answer.body).openapi, /^3\.1/);
  });

  test('keeps the contract on PostgreSQL with every function but those of accounts', {
    skip: skipOnPostgres,
    timeout: 1_200_000,
  }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'cadastro-lambda-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const program = pathToFileURL(join(import.meta.dirname, 'function-in-container.ts')).href;
    writeFileSync(
      join(folder, 'index.mjs'),
      `import { runInContainer } from '${program}';\nawait runInContainer('${tag}', '${join(folder, 'started')}');\n`,
    );
    // The router takes a folder for aws-lambda-ric if it has this file.
    writeFileSync(join(folder, 'rapid-client.node'), '');

    const suites = ['users', 'list', 'batch', 'bin', 'history', 'bad-input', 'concurrency'];
    const files = suites.map((suite) => join(root, `infra/tests/contract/${suite}.test.ts`));
    const { NODE_TEST_CONTEXT: _, ...ours } = process.env;
    const env = { ...ours, FUNCTION_RUNTIME: 'ric', RIC_PATH: folder };
    const options = ['--test', '--test-concurrency=2', '--test-reporter=tap', '--test-name-pattern=on PostgreSQL$'];
    const { stdout } = await promisify(execFile)(process.execPath, [...options, ...files], { cwd: root, env }).catch(
      (error: Error & { stdout: string }) => assert.fail(error.stdout.slice(-20_000)),
    );
    const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1]);
    assert.ok(passed > 80, stdout);

    const started = readFileSync(join(folder, 'started'), 'utf8').trim().split('\n');
    const functions = JSON.parse(readFileSync(join(root, 'dist/functions.json'), 'utf8')) as {
      name: string;
      route?: string;
    }[];
    // Accounts have no part in these suites.
    const ofAccounts = /\/(sessions|me|people|links)\b/;
    const used = functions.filter(({ name, route = '' }) => name !== 'authorize' && !ofAccounts.test(route));
    const names = used.map(({ name }) => name);
    assert.deepEqual([...new Set(started)].sort(), names.sort());
  });
});
