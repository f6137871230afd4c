/**
 * Runs a function in a container of the Lambda image. lambda-image.test.ts puts this program in the place of aws-lambda-ric, so that
 * the router plays the Lambda service for whole suites. It runs in the process that the router starts for the function.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { logicalId } from '../../aws/template/cloudformation.ts';
import { functionsTemplate } from '../../aws/template/functions.ts';
import { parseConfig } from '../../router/config.ts';
import { readManifest } from '../../router/manifest.ts';
import { deployedVariables } from '../aws/deployed-variables.ts';
import { variablesOfLambda } from '../support/lambda-service.ts';

/** Options of `docker run`: as on Lambda, only /tmp is writable, and the image does not define the user. */
export const optionsOfLambda = ['--network', 'host', '--read-only', '--tmpfs', '/tmp', '--user', '993:990'];

/**
 * Starts the container of the function that AWS_LAMBDA_FUNCTION_NAME names. It has exactly the variables of the template, whose
 * parameters get the values that the router passes to the function. The process ends with the container.
 * @param image tag of the Lambda image, and the label of the container
 * @param started file that gets the function's name as a line
 */
export async function runInContainer(image: string, started: string): Promise<void> {
  const { AWS_LAMBDA_FUNCTION_NAME: name = '', AWS_LAMBDA_RUNTIME_API: runtimeApi = '' } = process.env;
  const values = Object.entries(process.env).map(([variable, value = '']) => [logicalId(variable), value] as const);
  const template = functionsTemplate(readManifest(join(import.meta.dirname, '../../../dist')), {
    api: parseConfig({}),
    concurrency: 400,
    schema: { version: 1, hash: '' },
  });
  const variables = {
    ...variablesOfLambda(name),
    ...deployedVariables(template, `${logicalId(name)}Function`, Object.fromEntries(values)),
    AWS_LAMBDA_RUNTIME_API: await passOn(runtimeApi),
  };
  appendFileSync(started, `${name}\n`);
  const container = spawn(
    'docker',
    [
      ...['run', '--rm', '--label', image, ...optionsOfLambda],
      ...Object.entries(variables).flatMap(([variable, value]) => ['-e', `${variable}=${value}`]),
      ...[image, `functions/${name}/handler.handler`],
    ],
    { stdio: 'inherit' },
  );
  container.on('exit', (code) => process.exit(code ?? 1));
}

/** Lets the container reach the Runtime API, which takes connections from this process alone. @returns the address to connect to */
async function passOn(runtimeApi: string): Promise<string> {
  const { hostname, port } = new URL(`http://${runtimeApi}`);
  const server = createServer((client) => {
    const router = connect(Number(port), hostname);
    pipeline(client, router, client, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
