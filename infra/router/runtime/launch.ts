/** How the router starts function processes: the command, and the variables that Lambda's documentation lists. */
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { functionFlags } from '../../v8/flags.ts';
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import { FramedClient } from './framed-client.ts';
import type { LaunchSpec } from './function-process.ts';
import { permissionFlags } from './permissions.ts';
import { RuntimeApiClient } from './runtime-api/runtime-api-client.ts';

/** @returns the function's ARN, with the region and account that the settings name */
export function functionArn({ region, accountId }: Config, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}

/** The folder in which the router was started. Relative paths in settings start there. */
const projectFolder = process.cwd();

/** Which certificates Node.js trusts. They concern the machine, and not one function, so every function gets them. */
const trustVariables = ['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/**
 * Puts together the environment of a function's process: the variables that Lambda sets, and those that function.json lists.
 * @param env the router's own environment, and how many functions share what it sets for all together
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
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
    ...Object.fromEntries(pathVariables(configuration).map((variable) => [variable, absolute(env[variable])])),
    ...configuration.variables,
    PROJECT_FOLDER: projectFolder,
    HOSTED_FUNCTIONS: env.HOSTED_FUNCTIONS,
    _HANDLER: configuration.handler,
    LAMBDA_TASK_ROOT: configuration.codeFolder,
    AWS_REGION: config.region,
    AWS_DEFAULT_REGION: config.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
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

/** A variable may also be given as a file, which NAME_FILE names; the function reads the file itself. */
function pathVariables({ environment }: FunctionConfiguration): string[] {
  return [...trustVariables, ...environment.map((variable) => `${variable}_FILE`)];
}

/** The function runs in a folder of its own, so a path relative to the router's folder would lead elsewhere. */
function absolute(path: string | undefined): string | undefined {
  return path ? resolve(projectFolder, path) : path;
}

/** Options that protect processes from each other. @param folders that the runtime client reads */
function processFlags(
  configuration: FunctionConfiguration,
  config: Config,
  env: NodeJS.ProcessEnv,
  folders: readonly string[],
): string[] {
  // Otherwise any process of the same user could open the inspector, and run code in the function.
  const signal = config.inspectorSignal === 'on' ? [] : ['--disable-sigusr1'];
  const port = config.inspectors.get(configuration.name);
  const inspector = port === undefined ? [] : [`--inspect=127.0.0.1:${port}`];
  return [...signal, ...inspector, ...permissionFlags(configuration, config, env, folders)];
}

/** Describes the start of a function under our own runtime client. */
export function nodeLaunchSpec(
  configuration: FunctionConfiguration,
  config: Config,
  env: NodeJS.ProcessEnv,
): LaunchSpec {
  const { name, memorySize, maxConcurrency } = configuration;
  const arn = functionArn(config, name);
  const folder = import.meta.dirname;
  return {
    command: process.execPath,
    args: [
      ...functionFlags(memorySize),
      ...processFlags(configuration, config, env, [folder]),
      ...[join(folder, 'bootstrap.cjs'), join(folder, 'compile-cache')],
    ],
    cwd: configuration.codeFolder,
    env: functionEnvironment(configuration, config, env),
    maxConcurrency,
    connect: (socket, events) => new FramedClient(socket, arn, events),
  };
}

/**
 * Describes the start of a function under AWS's Runtime Interface Client. The process takes one event at a time: with any
 * value of AWS_LAMBDA_MAX_CONCURRENCY the client would run worker threads and log to a socket.
 * @param clientPath path of aws-lambda-ric's index.mjs
 */
export function ricLaunchSpec(
  configuration: FunctionConfiguration,
  config: Config,
  env: NodeJS.ProcessEnv,
  clientPath: string,
): LaunchSpec {
  const { name, memorySize } = configuration;
  const arn = functionArn(config, name);
  return {
    command: process.execPath,
    args: [
      ...functionFlags(memorySize),
      ...processFlags(configuration, config, env, [import.meta.dirname, dirname(dirname(clientPath))]),
      ...['--enable-source-maps', join(import.meta.dirname, 'ric.mjs'), clientPath],
    ],
    cwd: configuration.codeFolder,
    env: { ...functionEnvironment(configuration, config, env), AWS_LAMBDA_MAX_CONCURRENCY: undefined },
    maxConcurrency: 1,
    connect(socket, events, pid) {
      socket.on('error', () => {});
      return new RuntimeApiClient(arn, events, pid, (address) => socket.end(address));
    },
  };
}
