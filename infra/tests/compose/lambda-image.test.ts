/** Runs a bundle in the Lambda image under AWS's own client. The test plays the Lambda service, with its Runtime API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLambdaService, variablesOfLambda } from '../support/lambda-service.ts';
import { skipWithout } from '../support/requirement.ts';
import { docker, engineMissing, tryDocker } from './stack.ts';

const skip = skipWithout(await engineMissing());
const tag = `cadastro-lambda-test-${process.pid}`;
const container = `${tag}-run`;

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

test('the Lambda image answers an event of API Gateway', { skip, timeout: 1_200_000 }, async (context) => {
  await docker(['build', '-q', '-t', `${tag}-api`, '-f', 'infra/router/Dockerfile', '.']);
  context.after(async () => {
    await tryDocker(['rm', '-f', '-v', container]);
    await tryDocker(['image', 'rm', tag, `${tag}-api`]);
  });
  await docker([
    'build',
    '-q',
    '-t',
    tag,
    '--build-arg',
    `API_IMAGE=${tag}-api`,
    '-f',
    'infra/aws/Dockerfile',
    'infra/aws',
  ]);

  const service = await openLambdaService(context);
  // As on Lambda, only /tmp is writable, and the process runs as a user that the image does not define.
  const variables = { ...variablesOfLambda('openapi'), AWS_LAMBDA_RUNTIME_API: service.address };
  const running = tryDocker([
    ...['run', '--name', container, '--network', 'host', '--read-only', '--tmpfs', '/tmp', '--user', '993:990'],
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
