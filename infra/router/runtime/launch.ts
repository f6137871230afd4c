/** How function processes are started: the command, and the environment that Lambda's documentation lists. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import type { Launch } from './environment.ts';
import { FramedClient } from './framed-client.ts';
import { RuntimeApiClient } from './runtime-api/client.ts';

/**
 * Options of Node.js for every function process. Garbage is collected by the thread that made it: there are more
 * processes than cores, so that V8's helper threads take from other processes what they give to their own, and memory.
 * It is not looked for during INIT, whose objects mostly live on: 16 MB of new ones make room for all of them,
 * and are enough for a load as well. No option that changes how V8 compiles: see garbage.ts.
 */
function nodeOptions({ memorySize }: FunctionConfiguration): string[] {
  return [
    '--single-threaded-gc',
    '--v8-pool-size=1',
    '--min-semi-space-size=16',
    '--max-semi-space-size=16',
    `--max-old-space-size=${memorySize}`,
  ];
}

export function functionArn({ region, accountId }: Config, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}

/**
 * The variables that Lambda sets, and those that the function asked for in function.json.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionEnvironment(
  configuration: FunctionConfiguration,
  config: Config,
  env: NodeJS.ProcessEnv,
): Record<string, string | undefined> {
  const { name, memorySize, maxConcurrency, provisionedConcurrency } = configuration;
  const date = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    PATH: env.PATH,
    HOME: env.HOME,
    LANG: env.LANG ?? 'en_US.UTF-8',
    TZ: ':UTC',
    ...Object.fromEntries(configuration.environment.map((variable) => [variable, env[variable]])),
    _HANDLER: configuration.handler,
    LAMBDA_TASK_ROOT: configuration.codeFolder,
    AWS_REGION: config.region,
    AWS_DEFAULT_REGION: config.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${date}/[$LATEST]${randomUUID().replaceAll('-', '')}`,
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_INITIALIZATION_TYPE: provisionedConcurrency > 0 ? 'provisioned-concurrency' : 'on-demand',
    ...(maxConcurrency > 1 && { AWS_LAMBDA_MAX_CONCURRENCY: String(maxConcurrency) }),
  };
}

/** Starts a function under the router's own runtime client. */
export function launchNode(configuration: FunctionConfiguration, config: Config, env: NodeJS.ProcessEnv): Launch {
  const arn = functionArn(config, configuration.name);
  return {
    command: process.execPath,
    args: [...nodeOptions(configuration), join(import.meta.dirname, 'bootstrap.cjs')],
    env: {
      // Compiled code is kept for the next process: a start takes two thirds of the time. Where the folder can't be
      // written Node.js goes on without.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'compile-cache'),
      ...functionEnvironment(configuration, config, env),
    },
    maxConcurrency: configuration.maxConcurrency,
    connect: (socket, events) => new FramedClient(socket, arn, events),
  };
}

/**
 * Starts a function under AWS's Runtime Interface Client, which takes one event at a time: AWS_LAMBDA_MAX_CONCURRENCY,
 * whatever its value, would make it run worker threads and log to a socket.
 * @param client path of aws-lambda-ric's index.mjs
 */
export function launchRic(
  configuration: FunctionConfiguration,
  config: Config,
  env: NodeJS.ProcessEnv,
  client: string,
): Launch {
  const arn = functionArn(config, configuration.name);
  return {
    command: process.execPath,
    args: [...nodeOptions(configuration), '--enable-source-maps', join(import.meta.dirname, 'ric.mjs'), client],
    env: { ...functionEnvironment(configuration, config, env), AWS_LAMBDA_MAX_CONCURRENCY: undefined },
    maxConcurrency: 1,
    connect(socket, events) {
      socket.on('error', () => {});
      return new RuntimeApiClient(arn, events, (address) => socket.end(address));
    },
  };
}
