/**
 * The functions of a build, as dist/functions.json lists them. The router knows nothing else about functions.
 *
 * An entry holds the settings of function.json, which function.schema.json describes to editors as well. Names, limits and
 * defaults come from that file, so that editors and the router agree.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationError, type RuntimeName } from './config.ts';
import schema from './function.schema.json' with { type: 'json' };
import { parseAuthorizer } from './gateway/authorizers/authorizer-settings.ts';
import type { Throttling } from './gateway/token-bucket.ts';
import { parseRoutes, type RouteConfiguration } from './route-configuration.ts';
import { parseSchedules, type ScheduleConfiguration } from './schedules/schedule-configuration.ts';

/** One function with all its settings, defaults included. */
export interface FunctionConfiguration {
  /** 1 to 64 letters, digits, - and _. */
  name: string;
  /** Empty for a function that is only invoked. */
  routes: RouteConfiguration[];
  /** They run where SCHEDULES is on. */
  schedules: ScheduleConfiguration[];
  /** Whether the router invokes the function once with {} before it listens. */
  onStart: boolean;
  /** Absolute path of the folder with the bundle. */
  codeFolder: string;
  /** SHA-256 of the bundle in base64, as in Lambda's API. */
  codeSha256: string;
  /** "file.export", as in Lambda's configuration. */
  handler: string;
  /** The runtime that the function has on Lambda, such as "nodejs24.x". */
  runtime: string;
  /** Undefined when FUNCTION_RUNTIME decides. */
  runtimeClient: RuntimeName | undefined;
  /** Seconds. */
  timeout: number;
  /** MB; limits the heap. */
  memorySize: number;
  /** Environments kept warm. */
  provisionedConcurrency: number;
  /** Invocations in progress at once, over all environments; beyond it the function is throttled. */
  reservedConcurrentExecutions: number;
  /** Invocations in progress at once in one environment. */
  maxConcurrency: number;
  /** Limits of each of its routes; undefined when ROUTE_RATE_LIMIT decides. */
  throttling: Throttling | undefined;
  /** Role that callers need where AUTH is on; "public" for none. */
  role: string;
  /** Names of the variables that the function gets from the router's environment. */
  environment: string[];
  /** Variables with values of the function's own, which win over the router's environment. */
  variables: Record<string, string>;
}

const settings = schema.properties;

/** The fields that the build adds to the settings of function.json. */
const buildFields = ['name', 'code', 'codeSha256'];

const known = new Set([...Object.keys(settings), ...buildFields]);

/**
 * Reads and checks the manifest of a build.
 * @param distFolder folder of functions.json
 * @returns the functions in the order of the manifest
 * @throws {ConfigurationError} when there is no build, a setting is wrong, or two functions have one name
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
  const functions = entries.map((entry) => parseFunction(entry, distFolder));
  const names = functions.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin) throw new ConfigurationError(`${file} has two functions named ${twin}: rename one`);
  return functions;
}

/**
 * Checks one entry of the manifest and fills in the defaults.
 * @param entry the settings of function.json, and the name, code and codeSha256 that the build adds
 * @param distFolder folder of functions.json
 * @throws {ConfigurationError} that names the function and the setting, and says what the setting takes
 */
export function parseFunction(entry: Record<string, unknown>, distFolder: string): FunctionConfiguration {
  const { name } = entry;
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw new ConfigurationError(`function name ${JSON.stringify(name)}: it takes 1 to 64 letters, digits, - and _`);
  }
  const fail = (what: string): never => {
    throw new ConfigurationError(`function.json of ${name}: ${what}`);
  };
  for (const key of Object.keys(entry)) {
    if (!known.has(key)) fail(`unknown setting "${key}"; the settings are ${Object.keys(settings).join(', ')}`);
  }
  const integer = (key: IntegerSetting): number => {
    const { minimum, maximum, default: fallback } = settings[key];
    const value = entry[key] === undefined ? fallback : entry[key];
    if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    return fail(`"${key}" takes a whole number from ${minimum} to ${maximum}`);
  };
  const text = (key: TextSetting, fallback: string): string => {
    const value = entry[key] === undefined ? fallback : entry[key];
    return typeof value === 'string' ? value : fail(`"${key}" takes text`);
  };
  const strings = (key: string, value: unknown, pattern: RegExp, what: string): string[] => {
    const isValid = Array.isArray(value) && value.every((item) => typeof item === 'string' && pattern.test(item));
    return isValid ? value : fail(`"${key}" takes ${what}`);
  };
  const throttlingOf = (value: unknown): Throttling | undefined => {
    if (value === undefined) return undefined;
    const keys = Object.keys(settings.throttling.properties) as (keyof Throttling)[];
    const { minimum, maximum } = settings.throttling.properties.rateLimit;
    const isLimit = (one: unknown) => Number.isInteger(one) && Number(one) >= minimum && Number(one) <= maximum;
    const given = typeof value === 'object' && value !== null ? value : {};
    const isValid = Object.keys(given).length === keys.length && keys.every((key) => isLimit(Reflect.get(given, key)));
    return isValid
      ? (value as Throttling)
      : fail(`"throttling" takes ${keys.join(' and ')}, whole numbers from ${minimum} to ${maximum}`);
  };
  const oneOf = (key: 'runtime' | 'runtimeClient' | 'role', value: unknown): string =>
    settings[key].enum.includes(value as string)
      ? (value as string)
      : fail(`"${key}" takes ${settings[key].enum.map((one) => `"${one}"`).join(' or ')}`);
  const { route = [], schedules = [], environment = [], onStart = settings.onStart.default } = entry;
  const { runtime = settings.runtime.default, runtimeClient, role = settings.role.default } = entry;
  if (typeof onStart !== 'boolean') fail('"onStart" takes true or false');
  text('$schema', '');
  text('description', '');
  const [values, names] = partition([environment].flat());
  const variableName = new RegExp(settings.environment.definitions.name.pattern);
  const isVariable = ([key, value]: [string, unknown]) => variableName.test(key) && typeof value === 'string';
  if (!values.flatMap(Object.entries).every(isVariable)) fail('"environment" takes texts as values of variables');
  return {
    name,
    routes: parseRoutes(route, parseAuthorizer(entry.authorizer, fail), fail),
    schedules: parseSchedules(schedules, name, fail),
    onStart: onStart as boolean,
    codeFolder: resolve(distFolder, text('code', join('functions', name))),
    codeSha256: text('codeSha256', ''),
    handler: text('handler', settings.handler.default),
    runtime: oneOf('runtime', runtime),
    runtimeClient: runtimeClient === undefined ? undefined : (oneOf('runtimeClient', runtimeClient) as RuntimeName),
    timeout: integer('timeout'),
    memorySize: integer('memorySize'),
    provisionedConcurrency: integer('provisionedConcurrency'),
    reservedConcurrentExecutions: integer('reservedConcurrentExecutions'),
    maxConcurrency: integer('maxConcurrency'),
    throttling: throttlingOf(entry.throttling),
    role: oneOf('role', role),
    environment: strings('environment', names, variableName, 'names of variables, and objects of names and values'),
    variables: Object.assign({}, ...values),
  };
}

/** @returns the objects of a list, and its other items */
function partition(items: unknown[]): [objects: object[], others: unknown[]] {
  const isObject = (item: unknown): item is object => typeof item === 'object' && item !== null && !Array.isArray(item);
  return [items.filter(isObject), items.filter((item) => !isObject(item))];
}

type IntegerSetting =
  | 'timeout'
  | 'memorySize'
  | 'provisionedConcurrency'
  | 'reservedConcurrentExecutions'
  | 'maxConcurrency';

type TextSetting = '$schema' | 'description' | 'handler' | 'code' | 'codeSha256';
