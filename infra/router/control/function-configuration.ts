/**
 * The operations ListFunctions, GetFunction and GetFunctionConfiguration: functions in the words of Lambda's API.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
 */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { findHandlerFile } from '../../wire/handler-file.ts';
import type { Config } from '../config.ts';
import type { FunctionHost } from '../runtime/host.ts';
import { functionArn } from '../runtime/launch.ts';
import type { Pool } from '../runtime/pool.ts';
import { invalidParameter, invalidValue } from './api-error.ts';
import { findFunction, parseFunctionName } from './function-name.ts';
import type { ControlReply, ControlRequest } from './operations.ts';

interface Context {
  config: Config;
  host: FunctionHost;
}

/** Most functions on one page. Lambda lists no more, even if MaxItems is higher. */
const maxPageSize = 50;

/**
 * Lists the functions by name, page by page.
 * @throws InvalidParameterValueException
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export function listFunctions({ query }: ControlRequest, { config, host }: Context): ControlReply {
  const version = query.get('FunctionVersion');
  if (version !== null && version !== 'ALL') throw invalidValue(version, 'functionVersion', 'enum value set: [ALL]');
  const names = [...host.pools.keys()].sort();
  const marker = query.get('Marker');
  const start = marker === null ? 0 : names.indexOf(Buffer.from(marker, 'base64url').toString());
  if (start < 0) throw invalidParameter('Marker is not one that an earlier page gave');
  const end = start + pageSize(query.get('MaxItems'));
  const qualifier = version === null ? undefined : '$LATEST';
  return {
    status: 200,
    body: {
      Functions: names
        .slice(start, end)
        .flatMap((name) => host.pools.get(name) ?? [])
        .map((pool) => describe(pool, config, qualifier)),
      NextMarker: names[end] === undefined ? null : Buffer.from(names[end]).toString('base64url'),
    },
  };
}

function pageSize(maxItems: string | null): number {
  if (maxItems === null) return maxPageSize;
  const size = Number(maxItems);
  if (!/^\d+$/.test(maxItems) || size < 1) throw invalidValue(maxItems, 'maxItems', 'value greater than or equal to 1');
  return Math.min(size, maxPageSize);
}

/**
 * @throws ResourceNotFoundException; InvalidParameterValueException
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export function getFunction(call: ControlRequest, context: Context): ControlReply {
  const { pool, qualifier } = find(call, context);
  const { codeFolder, reservedConcurrentExecutions } = pool.configuration;
  return {
    status: 200,
    body: {
      Configuration: describe(pool, context.config, qualifier),
      Code: { RepositoryType: 'File', Location: pathToFileURL(codeFolder).href },
      Concurrency: { ReservedConcurrentExecutions: reservedConcurrentExecutions },
      Tags: {},
    },
  };
}

/**
 * @throws ResourceNotFoundException; InvalidParameterValueException
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
 */
export function getFunctionConfiguration(call: ControlRequest, context: Context): ControlReply {
  const { pool, qualifier } = find(call, context);
  return { status: 200, body: describe(pool, context.config, qualifier) };
}

function find(
  { parameters, query }: ControlRequest,
  { config, host }: Context,
): { pool: Pool; qualifier: string | undefined } {
  const name = parseFunctionName(parameters.name ?? '', query.get('Qualifier'));
  return { pool: findFunction(name, host, config), qualifier: name.qualifier };
}

function describe({ configuration, environments, initError }: Pool, config: Config, qualifier?: string): object {
  const { name, handler, runtime, timeout, memorySize, codeSha256, environment, variables } = configuration;
  const failed = initError && ![...environments].some(({ state }) => state === 'ready');
  return {
    FunctionName: name,
    FunctionArn: `${functionArn(config, name)}${qualifier ? `:${qualifier}` : ''}`,
    Version: '$LATEST',
    PackageType: 'Zip',
    Runtime: runtime,
    Architectures: [process.arch === 'x64' ? 'x86_64' : process.arch],
    Handler: handler,
    Timeout: timeout,
    MemorySize: memorySize,
    ...codeFile(configuration),
    CodeSha256: codeSha256,
    // As on Lambda a function that can be invoked is active, whether it has a process or not.
    State: failed ? 'Failed' : 'Active',
    ...(failed && {
      StateReason: `${initError.errorType}: ${initError.errorMessage}`,
      StateReasonCode: initError.errorType === 'Sandbox.Timedout' ? 'FunctionError.InitTimeout' : 'FunctionError',
    }),
    LastUpdateStatus: 'Successful',
    // Only the names: the values may be secrets, and this API has no authentication.
    Environment: {
      Variables: Object.fromEntries([...environment, ...Object.keys(variables)].map((variable) => [variable, '***'])),
    },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: `/aws/lambda/${name}` },
  };
}

/** Size and time of the bundle; nothing while a build is replacing it. */
function codeFile({ codeFolder, handler }: Pool['configuration']): object {
  const { file } = findHandlerFile(codeFolder, handler);
  const found = file && statSync(file, { throwIfNoEntry: false });
  if (!found) return {};
  return { CodeSize: found.size, LastModified: found.mtime.toISOString().replace('Z', '+0000') };
}
