/** Runs a bundle in the Lambda image under AWS's own client. The test plays the Lambda service, with its Runtime API. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { skipWithout } from '../support/requirement.ts';
import { docker, engineMissing, tryDocker } from './stack.ts';

const skip = skipWithout(await engineMissing());
const tag = `cadastro-lambda-test-${process.pid}`;
const container = `${tag}-run`;

/** The variables of Lambda that aws-lambda-ric reads. */
const variablesOfLambda = {
  AWS_LAMBDA_FUNCTION_NAME: 'openapi',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
  AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/openapi',
  AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0',
};

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

  let given = false;
  const server = createServer();
  const answered = new Promise<{ path: string; body: string }>((resolve) => {
    server.on('request', async (request: IncomingMessage, response) => {
      const path = request.url ?? '';
      if (path === '/2018-06-01/runtime/invocation/next') {
        if (given) return;
        given = true;
        response.writeHead(200, {
          'content-type': 'application/json',
          'lambda-runtime-aws-request-id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
          'lambda-runtime-deadline-ms': String(Date.now() + 300_000),
          'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:openapi',
        });
        response.end(JSON.stringify(event));
        return;
      }
      const body = await text(request);
      response.writeHead(202).end();
      resolve({ path, body });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close().closeAllConnections());

  // As on Lambda, only /tmp is writable, and the process runs as a user that the image does not define.
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const variables = { ...variablesOfLambda, AWS_LAMBDA_RUNTIME_API: address };
  const running = tryDocker([
    ...['run', '--name', container, '--network', 'host', '--read-only', '--tmpfs', '/tmp', '--user', '993:990'],
    ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...[tag, 'openapi/handler.handler'],
  ]);
  const first = await Promise.race([
    answered,
    running.then(({ stderr }) => assert.fail(`the container ended: ${stderr}`)),
  ]);
  assert.equal(first.path, '/2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response', first.body);
  const answer = JSON.parse(first.body);
  assert.equal(answer.statusCode, 200);
  assert.match(JSON.parse(answer.body).openapi, /^3\.1/);
});
