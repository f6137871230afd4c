/**
 * The settings of the router. No other file of the router reads a setting from the environment, and infra/docs/settings.md
 * explains each of them.
 */
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parsePublicUrl } from '../http/public-url.ts';
import { accessFaults, hasAuth, isExposed } from '../http/reach.ts';
import { type CorsConfig, parseCors } from './gateway/cors-settings.ts';
import type { Throttling } from './gateway/token-bucket.ts';
import { isNetwork } from './gateway/trusted-proxies.ts';
import { parseInspectors } from './parse-inspectors.ts';
import { isLogLevel, type LogLevel } from './process/log.ts';
import { readSecret } from './process/secret-file.ts';

/**
 * A setting or the build is invalid. The message names the setting and its valid values. The router prints the message
 * in one line and exits with 2.
 */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/** The runtime client of a function: ours (node), or aws-lambda-ric. */
export type RuntimeName = 'node' | 'ric';

/** Limits of a host on the requests that it takes. */
export interface RateLimitConfig {
  /** For each route whose function.json has no `throttling`; undefined without a limit. */
  route: Throttling | undefined;
  /** For each client; undefined without a limit. */
  client: Throttling | undefined;
  /** How many clients are remembered. */
  maxClients: number;
}

/** Checked settings. */
export interface Config {
  host: string;
  /** Port of the HTTP API; 0 takes any free port. */
  port: number;
  /** Where the Invoke API listens. HOST does not open it, because it runs every function with any event. */
  lambdaHost: string;
  /** Port of the Invoke API; undefined when it is off. */
  lambdaPort: number | undefined;
  /** Where /status, /metrics and the probes are. HOST does not open them. */
  statusHost: string;
  /** Port of /status, /metrics and the probes; undefined when it is off. */
  statusPort: number | undefined;
  /** Host names that requests may use beside loopback names and IP addresses, in lower case; see http/allowed-hosts.ts. */
  allowedHosts: string[];
  /** Addresses, networks and host names of the proxies that may set X-Forwarded-For. */
  trustedProxies: string[];
  /** Limits of the host on requests a second. */
  rateLimits: RateLimitConfig;
  /** Absolute path of the build: the folder of functions.json. */
  distFolder: string;
  /** Runtime client of functions whose function.json names none. */
  runtime: RuntimeName;
  /** Router processes of this host. They share the host's limits. */
  processes: number;
  /** Index of this router process, from 0. The supervisor sets it. */
  processIndex: number;
  /** Scheduling policy of the router and of the functions' processes, see process/scheduling.ts. */
  scheduling: 'batch' | 'normal';
  logLevel: LogLevel;
  /** Whether functions may use all files and programs that the router's user may, or only their own. */
  permissions: 'open' | 'strict';
  /** Absolute paths that functions may read and write when `permissions` is strict. */
  functionPaths: string[];
  /** Whether SIGUSR1 opens Node's inspector, in the router and in functions. */
  inspectorSignal: 'on' | 'off';
  /** Port of Node's inspector by function, for the functions that a developer debugs. */
  inspectors: Map<string, number>;
  /** Largest request body, and largest answer of a function. */
  maxPayloadBytes: number;
  /** Most bytes of a request's line and headers together. */
  maxHeaderBytes: number;
  /** Most connections of each server at once. */
  maxConnections: number;
  /** Most connections of each server at once for one client address. */
  maxConnectionsPerClient: number;
  /** Most requests that wait on one connection for the response before them. */
  pipelineLimit: number;
  /** How long a client may take to send its headers. */
  headersTimeoutMs: number;
  /** Most bytes of all request bodies that arrive or wait. */
  requestMemoryBytes: number;
  /** Most bytes of all answers that clients have not read. */
  responseMemoryBytes: number;
  /** Most streamed answers at once. */
  streamLimit: number;
  /** Most streamed answers at once for one client address. */
  clientStreamLimit: number;
  /** How long a client may take to send its whole request, and to read an answer. */
  requestTimeoutMs: number;
  /** How long an idle connection stays open. */
  keepAliveTimeoutMs: number;
  /** How long a function's INIT may take. */
  initTimeoutMs: number;
  /** How long an environment above provisionedConcurrency may be idle before it ends. */
  idleTimeoutMs: number;
  /** Limit of the processes of one function. Beyond it invocations wait. */
  maxEnvironments: number;
  /** How long a request waits for the answer of a function whose own time-out is longer. */
  integrationTimeoutMs: number;
  /** The same for a route of a REST API. */
  restIntegrationTimeoutMs: number;
  /** How long an invocation may probably wait for its turn. Beyond it the newest ones are refused. */
  maxWaitMs: number;
  /** Pause before the first retry of a queued event; the second pause is twice as long. */
  eventRetryDelayMs: number;
  /** How long a queued event may wait in all. */
  eventMaxAgeMs: number;
  /** Most bytes of all queued events together. */
  eventQueueBytes: number;
  /** Whether the answer of a function that does not start says why. */
  showsInitErrors: boolean;
  /** Whether the schedules of functions run. */
  runsSchedules: boolean;
  /** How long requests are taken after SIGTERM, so that load balancers notice that the router stops. */
  drainDelayMs: number;
  /** How long requests in flight may take after that, and after them the reader of the log. */
  shutdownTimeoutMs: number;
  /** Folder or index.mjs of aws-lambda-ric; undefined where npm installed it. */
  ricPath: string | undefined;
  /** Region and account in the ARNs of functions. */
  region: string;
  accountId: string;
  /** Stage variables, which every event contains; undefined when there are none. */
  stageVariables: Record<string, string> | undefined;
  /** Whether the function `authorize` decides who may call the routes without an authorizer of their own. */
  auth: boolean;
  /** How long an answer of that function is kept. */
  authCacheMs: number;
  /** Whether everybody may call a route whose authorizer the router does not have. */
  allowUnauthorized: boolean;
  /** Most bytes of the decisions that authorizers keep, about. */
  authorizerCacheBytes: number;
  /** Undefined without CORS_ALLOW_ORIGINS. Functions then answer preflight requests themselves. */
  cors: CorsConfig | undefined;
}

type Environment = Record<string, string | undefined>;
type ReadInteger = (name: string, fallback: number, min: number, max: number) => number;

/** Lambda's limit for the payload of a synchronous invocation. */
export const lambdaMaxPayloadBytes = 6 * 1024 * 1024;

/**
 * Reads and checks all settings.
 * @param env usually process.env; an empty setting counts as unset
 * @throws ConfigurationError with one line that names every invalid setting
 */
export function parseConfig(env: Environment): Config {
  const faults: string[] = [];
  const integer: ReadInteger = (name, fallback, min, max) => {
    const text = env[name]?.trim();
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    faults.push(`${name} is "${text}": it takes a whole number from ${min} to ${max}`);
    return fallback;
  };
  const choice = <T extends string>(name: string, fallback: T, choices: readonly T[]): T => {
    const text = env[name]?.trim() || fallback;
    const found = choices.find((one) => one === text);
    if (!found) faults.push(`${name} is "${text}": it takes ${choices.join(' or ')}`);
    return found ?? fallback;
  };
  const level = (env.ROUTER_LOG_LEVEL?.trim() || 'INFO').toUpperCase();
  if (!isLogLevel(level)) {
    faults.push(`ROUTER_LOG_LEVEL is "${env.ROUTER_LOG_LEVEL}": it takes DEBUG, INFO, WARN, ERROR or SILENT`);
  }
  const optionalPort = (name: string, fallback: number) => integer(name, fallback, 0, 65_535) || undefined;
  const processes = integer('ROUTER_PROCESSES', 1, 1, 64);
  const runtime = choice('FUNCTION_RUNTIME', 'node', ['node', 'ric']);
  // Under ric a process takes one event at a time, so a busy function starts as many processes as it may: no more than the
  // machine has processors for. Each router process needs one.
  const maxEnvironments = Math.max(processes, runtime === 'ric' ? 2 * availableParallelism() : 16);

  const requestTimeoutMs = integer('REQUEST_TIMEOUT_MS', 30_000, 100, 3_600_000);

  const config: Config = {
    host: env.HOST?.trim() || '127.0.0.1',
    port: integer('PORT', 8080, 0, 65_535),
    // The Invoke API passes by the authorizers, as on AWS. So with AUTH=on nobody may reach it from outside.
    lambdaHost: (!hasAuth(env) && env.LAMBDA_HOST?.trim()) || '127.0.0.1',
    lambdaPort: optionalPort('LAMBDA_PORT', 3001),
    statusHost: env.STATUS_HOST?.trim() || '127.0.0.1',
    statusPort: optionalPort('STATUS_PORT', 3002),
    allowedHosts: parseHosts(env, faults),
    trustedProxies: parseProxies(env, faults),
    rateLimits: parseRateLimits(env, integer),
    distFolder: resolve(env.DIST_FOLDER?.trim() || resolve(import.meta.dirname, '..')),
    runtime,
    processes,
    processIndex: integer('ROUTER_PROCESS_INDEX', 0, 0, processes - 1),
    scheduling: choice('ROUTER_SCHEDULING', 'batch', ['batch', 'normal']),
    logLevel: isLogLevel(level) ? level : 'INFO',
    permissions: choice('FUNCTION_PERMISSIONS', 'open', ['open', 'strict']),
    functionPaths: (env.FUNCTION_PATHS?.trim() || 'data,/tmp').split(',').map((path) => resolve(path.trim())),
    inspectorSignal: choice('INSPECTOR_SIGNAL', 'off', ['on', 'off']),
    inspectors: parseInspectors(listOf(env.INSPECT_FUNCTIONS), faults),
    maxPayloadBytes: integer('MAX_PAYLOAD_BYTES', 1024 * 1024, 1, lambdaMaxPayloadBytes),
    maxHeaderBytes: integer('MAX_HEADER_BYTES', 16 * 1024, 1024, 1024 * 1024),
    maxConnections: integer('CONNECTION_LIMIT', 8192, 1, 1_000_000),
    maxConnectionsPerClient: integer('CLIENT_CONNECTION_LIMIT', 1024, 1, 1_000_000),
    pipelineLimit: integer('PIPELINE_LIMIT', 16, 1, 1_000),
    requestMemoryBytes: integer('REQUEST_MEMORY_BYTES', 64 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024),
    responseMemoryBytes: integer('RESPONSE_MEMORY_BYTES', 64 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024),
    streamLimit: integer('STREAM_LIMIT', 256, 1, 100_000),
    clientStreamLimit: integer('CLIENT_STREAM_LIMIT', 64, 1, 100_000),
    // Node.js refuses a server whose headers may take longer than the whole request.
    headersTimeoutMs: Math.min(integer('HEADERS_TIMEOUT_MS', 10_000, 100, 3_600_000), requestTimeoutMs),
    requestTimeoutMs,
    keepAliveTimeoutMs: integer('KEEP_ALIVE_TIMEOUT_MS', 65_000, 0, 3_600_000),
    initTimeoutMs: integer('INIT_TIMEOUT_MS', 10_000, 100, 900_000),
    idleTimeoutMs: integer('IDLE_TIMEOUT_MS', 300_000, 100, 86_400_000),
    maxEnvironments: integer('MAX_ENVIRONMENTS', maxEnvironments, 1, 1000),
    integrationTimeoutMs: integer('INTEGRATION_TIMEOUT_MS', 30_000, 50, 900_000),
    restIntegrationTimeoutMs: integer('REST_INTEGRATION_TIMEOUT_MS', 29_000, 50, 900_000),
    maxWaitMs: integer('MAX_WAIT_MS', 300, 1, 3_600_000),
    eventRetryDelayMs: integer('EVENT_RETRY_DELAY_MS', 60_000, 1, 3_600_000),
    eventMaxAgeMs: integer('EVENT_MAX_AGE_MS', 21_600_000, 1, 21_600_000),
    eventQueueBytes: integer('EVENT_QUEUE_BYTES', 64 * 1024 * 1024, 0, 1024 * 1024 * 1024),
    showsInitErrors: choice('SHOW_INIT_ERRORS', 'off', ['on', 'off']) === 'on',
    runsSchedules: choice('SCHEDULES', 'off', ['on', 'off']) === 'on',
    drainDelayMs: integer('DRAIN_DELAY_MS', 0, 0, 900_000),
    shutdownTimeoutMs: integer('SHUTDOWN_TIMEOUT_MS', 30_000, 0, 900_000),
    ricPath: env.RIC_PATH?.trim() || undefined,
    region: env.AWS_REGION?.trim() || 'us-east-1',
    accountId: env.AWS_ACCOUNT_ID?.trim() || '000000000000',
    stageVariables: parseStageVariables(readSecret(env, 'STAGE_VARIABLES', faults), faults),
    auth: hasAuth(env),
    authCacheMs: integer('AUTH_CACHE_MS', 5000, 0, 300_000),
    allowUnauthorized: choice('ALLOW_UNAUTHORIZED', 'off', ['on', 'off']) === 'on',
    authorizerCacheBytes: integer('AUTHORIZER_CACHE_BYTES', 16 * 1024 * 1024, 64 * 1024, 1024 * 1024 * 1024),
    cors: parseCors(env, faults, integer),
  };
  const ports = [config.port || undefined, config.lambdaPort, config.statusPort].filter((port) => port !== undefined);
  if (new Set(ports).size < ports.length)
    faults.push('PORT, LAMBDA_PORT and STATUS_PORT must differ: two are the same');
  for (const [name, bytes] of [
    ['REQUEST_MEMORY_BYTES', config.requestMemoryBytes],
    ['RESPONSE_MEMORY_BYTES', config.responseMemoryBytes],
  ] as const) {
    if (bytes < config.maxPayloadBytes) {
      faults.push(`${name} is ${bytes}: it takes MAX_PAYLOAD_BYTES (${config.maxPayloadBytes}) or more`);
    }
  }
  if (config.inspectors.size > 0 && (processes > 1 || config.permissions === 'strict')) {
    faults.push('INSPECT_FUNCTIONS needs ROUTER_PROCESSES=1 and FUNCTION_PERMISSIONS=open');
  }
  if (config.maxEnvironments < processes) {
    faults.push(`MAX_ENVIRONMENTS is ${config.maxEnvironments}: it takes ROUTER_PROCESSES (${processes}) or more`);
  }
  faults.push(...accessFaults(env));
  if (faults.length > 0) throw new ConfigurationError(faults.join('; '));
  return config;
}

const listOf = (text = '') => text.split(',').map((one) => one.trim()).filter(Boolean); // biome-ignore format: one thing

/** @returns the names of ALLOWED_HOSTS, those at which the router listens, and that of PUBLIC_URL */
function parseHosts(env: Environment, faults: string[]): string[] {
  const names = listOf(env.ALLOWED_HOSTS?.toLowerCase());
  const wrong = names.find((name) => name !== '*' && !/^\.?[\w-]+(\.[\w-]+)*$/.test(name));
  if (wrong)
    faults.push(`ALLOWED_HOSTS has "${wrong}": it takes names without ports, .example.com for all below, or *`);
  const { url, faults: ofUrl } = parsePublicUrl(env.PUBLIC_URL);
  faults.push(...ofUrl);
  const own = [env.HOST, env.LAMBDA_HOST, env.STATUS_HOST, url?.hostname].flatMap((host) =>
    listOf(host?.toLowerCase()),
  );
  return [...names, ...own.filter((host) => isIP(host) === 0)];
}

function parseProxies(env: Environment, faults: string[]): string[] {
  const proxies = listOf(env.TRUSTED_PROXIES);
  const wrong = proxies.find((one) => !isNetwork(one) && !/^(?=.*[a-z])[\w-]+(\.[\w-]+)*$/i.test(one));
  if (wrong)
    faults.push(`TRUSTED_PROXIES has "${wrong}": it takes IP addresses, networks like 10.0.0.0/8 and host names`);
  return proxies;
}

/** Limits are on by default as soon as others than this machine reach the API. */
function parseRateLimits(env: Environment, integer: ReadInteger): RateLimitConfig {
  const hasLimits = isExposed(env);
  const limit = (name: string, rate: number, burstSeconds: number): Throttling | undefined => {
    const rateLimit = integer(`${name}_RATE_LIMIT`, hasLimits ? rate : 0, 0, 1_000_000);
    const burstLimit = integer(`${name}_BURST_LIMIT`, rateLimit * burstSeconds, 1, 1_000_000);
    return rateLimit === 0 ? undefined : { rateLimit, burstLimit };
  };
  return {
    route: limit('ROUTE', 2000, 2),
    client: limit('CLIENT', 200, 5),
    maxClients: integer('CLIENT_LIMIT_ADDRESSES', 10_000, 1, 1_000_000),
  };
}

/** @returns the stage variables; undefined when there are none or they are invalid */
function parseStageVariables(text: string | undefined, faults: string[]): Record<string, string> | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The check below reports it.
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && Object.entries(value as object).every(([key, one]) => /^\w+$/.test(key) && typeof one === 'string')) {
    return value as Record<string, string>;
  }
  faults.push('STAGE_VARIABLES takes a JSON object of strings');
  return undefined;
}
