/**
 * The functions as the build lists them in functions.json: all that the router knows of them.
 * Words and defaults are Lambda's own; `route`, `onStart` and `maxConcurrency` are ours.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationError, type RuntimeName } from './config.ts';

export interface FunctionConfiguration {
  name: string;
  /** Route keys, "GET /users/{id}"; none for a function that is only invoked. */
  routes: string[];
  /** Invoked once with {} before the router listens, and then ended. */
  onStart: boolean;
  /** Folder of the bundle. */
  codeFolder: string;
  codeSha256: string;
  /** "file.export", as in Lambda's configuration. */
  handler: string;
  runtime: RuntimeName | undefined;
  /** Seconds. */
  timeout: number;
  /** MB; the limit of the heap. */
  memorySize: number;
  /** Environments kept warm. */
  provisionedConcurrency: number;
  /** Invocations in hand at once, over all environments; past it: throttled. */
  reservedConcurrentExecutions: number;
  /** Invocations at once in one environment. */
  maxConcurrency: number;
  /** Names of the variables that the function gets from the router's environment. */
  environment: string[];
}

const known = new Set([
  'name',
  'description',
  'route',
  'onStart',
  'code',
  'codeSha256',
  'handler',
  'runtime',
  'timeout',
  'memorySize',
  'provisionedConcurrency',
  'reservedConcurrentExecutions',
  'maxConcurrency',
  'environment',
]);

/**
 * Reads and checks the manifest of a build.
 * @param distFolder folder of functions.json
 * @throws ConfigurationError when there is no build, or a function's configuration is wrong
 */
export function readManifest(distFolder: string): FunctionConfiguration[] {
  const file = join(distFolder, 'functions.json');
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigurationError(`${file} can't be read (${(error as Error).message}): run "npm run build"`);
  }
  if (!Array.isArray(entries)) throw new ConfigurationError(`${file} is no list of functions: run "npm run build"`);
  return entries.map((entry) => parseFunction(entry, distFolder));
}

/** Checks one entry of the manifest and fills in the defaults. */
export function parseFunction(entry: Record<string, unknown>, distFolder: string): FunctionConfiguration {
  const name = entry.name;
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw new ConfigurationError(`function name ${JSON.stringify(name)}: 1 to 64 letters, digits, - and _`);
  }
  const fail = (what: string): never => {
    throw new ConfigurationError(`function.json of ${name}: ${what}`);
  };
  for (const key of Object.keys(entry)) if (!known.has(key)) fail(`unknown setting "${key}"`);
  const integer = (key: string, fallback: number, min: number, max: number): number => {
    const value = entry[key] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    return fail(`"${key}" takes a whole number from ${min} to ${max}`);
  };
  const strings = (key: string): string[] => {
    const value = entry[key] ?? [];
    const list = typeof value === 'string' ? [value] : value;
    if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list;
    return fail(`"${key}" takes strings`);
  };
  const runtime = entry.runtime;
  if (runtime !== undefined && runtime !== 'node' && runtime !== 'ric') fail('"runtime" takes "node" or "ric"');
  const maxConcurrency = integer('maxConcurrency', 1, 1, 10_000);
  return {
    name,
    routes: strings('route'),
    onStart: entry.onStart === true,
    codeFolder: resolve(distFolder, typeof entry.code === 'string' ? entry.code : join('functions', name)),
    codeSha256: typeof entry.codeSha256 === 'string' ? entry.codeSha256 : '',
    handler: typeof entry.handler === 'string' ? entry.handler : 'handler.handler',
    runtime: runtime as RuntimeName | undefined,
    timeout: integer('timeout', 3, 1, 900),
    memorySize: integer('memorySize', 128, 32, 32_768),
    provisionedConcurrency: integer('provisionedConcurrency', 0, 0, 1000),
    reservedConcurrentExecutions: integer('reservedConcurrentExecutions', 1000, 0, 100_000),
    maxConcurrency,
    environment: strings('environment'),
  };
}
