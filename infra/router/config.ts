/** The router's settings, parsed and checked once from the environment. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { isLogLevel, type LogLevel } from './process/log.ts';

/** A setting that can't be used. The message names it and says what it takes; the router prints it and exits with 2. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

export type RuntimeName = 'node' | 'ric';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
export interface CorsConfig {
  /** "*", "https://*", "http://*", or origins as browsers send them. */
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  /** Seconds. */
  maxAge: number | undefined;
  allowCredentials: boolean;
}

export interface Config {
  host: string;
  /** HTTP API; 0 takes any free port. */
  port: number;
  /** Invoke API, metrics and status; undefined when LAMBDA_PORT is 0: off. */
  lambdaPort: number | undefined;
  /** The build: functions.json and what it names. */
  distFolder: string;
  /** Client that runs functions whose function.json names none. */
  runtime: RuntimeName;
  /** Router processes of this host, among which the limits below that are the host's are shared. */
  processes: number;
  /** Which of them this is: ROUTER_PROCESS_INDEX, which the supervisor sets. */
  processIndex: number;
  logLevel: LogLevel;
  /** Bytes of a request body or of an answer. */
  maxPayloadBytes: number;
  /** Bytes of a request's line and headers together. */
  maxHeaderBytes: number;
  /** Milliseconds a client may take to send its headers, and its whole request. */
  headersTimeout: number;
  requestTimeout: number;
  /** Milliseconds an idle connection is kept. */
  keepAliveTimeout: number;
  /** Milliseconds that a function's INIT may take. */
  initTimeout: number;
  /** Milliseconds an environment above provisionedConcurrency may be idle before it is ended. */
  idleTimeout: number;
  /** Processes of one function at most; past it invocations wait. */
  maxEnvironments: number;
  /** Milliseconds before the first retry of an event that was queued; the second waits twice as long. */
  eventRetryDelay: number;
  /** Milliseconds that a queued event may wait in all, and bytes of all that wait. */
  eventMaxAge: number;
  eventQueueBytes: number;
  /** Milliseconds that requests in flight get to finish after SIGTERM. */
  shutdownTimeout: number;
  region: string;
  accountId: string;
  /** In every event; undefined when there are none. */
  stageVariables: Record<string, string> | undefined;
  /** Undefined unless CORS_ALLOW_ORIGINS is set: then functions answer for themselves. */
  cors: CorsConfig | undefined;
}

type Environment = Record<string, string | undefined>;

const lambdaMaxPayload = 6 * 1024 * 1024;

/**
 * @param env usually process.env
 * @throws ConfigurationError naming every setting that is wrong
 */
export function parseConfig(env: Environment): Config {
  const faults: string[] = [];
  const integer = (name: string, fallback: number, min: number, max: number): number => {
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
  const lambdaPort = integer('LAMBDA_PORT', 3001, 0, 65_535);

  const processes = integer('ROUTER_PROCESSES', 1, 1, 64);
  const runtime = choice('FUNCTION_RUNTIME', 'node', ['node', 'ric']);
  // Under ric a process has one event at a time, so a function soon has as many as it may: not more than there is
  // processor and memory for. Each router process needs one.
  const maxEnvironments = Math.max(processes, runtime === 'ric' ? 2 * availableParallelism() : 16);

  const config: Config = {
    host: env.HOST?.trim() || '127.0.0.1',
    port: integer('PORT', 8080, 0, 65_535),
    lambdaPort: lambdaPort === 0 ? undefined : lambdaPort,
    distFolder: resolve(env.DIST_FOLDER?.trim() || resolve(import.meta.dirname, '..')),
    runtime,
    processes,
    processIndex: integer('ROUTER_PROCESS_INDEX', 0, 0, processes - 1),
    logLevel: isLogLevel(level) ? level : 'INFO',
    maxPayloadBytes: integer('MAX_PAYLOAD_BYTES', 1024 * 1024, 1, lambdaMaxPayload),
    maxHeaderBytes: integer('MAX_HEADER_BYTES', 16 * 1024, 1024, 1024 * 1024),
    headersTimeout: integer('HEADERS_TIMEOUT_MS', 10_000, 100, 3_600_000),
    requestTimeout: integer('REQUEST_TIMEOUT_MS', 30_000, 100, 3_600_000),
    keepAliveTimeout: integer('KEEP_ALIVE_TIMEOUT_MS', 65_000, 0, 3_600_000),
    initTimeout: integer('INIT_TIMEOUT_MS', 10_000, 100, 900_000),
    idleTimeout: integer('IDLE_TIMEOUT_MS', 300_000, 100, 86_400_000),
    maxEnvironments: integer('MAX_ENVIRONMENTS', maxEnvironments, 1, 1000),
    eventRetryDelay: integer('EVENT_RETRY_DELAY_MS', 60_000, 1, 3_600_000),
    eventMaxAge: integer('EVENT_MAX_AGE_MS', 21_600_000, 1, 21_600_000),
    eventQueueBytes: integer('EVENT_QUEUE_BYTES', 64 * 1024 * 1024, 0, 1024 * 1024 * 1024),
    shutdownTimeout: integer('SHUTDOWN_TIMEOUT_MS', 30_000, 0, 900_000),
    region: env.AWS_REGION?.trim() || 'us-east-1',
    accountId: env.AWS_ACCOUNT_ID?.trim() || '000000000000',
    stageVariables: parseStageVariables(env.STAGE_VARIABLES, faults),
    cors: parseCors(env, faults, integer),
  };
  if (config.port !== 0 && config.port === config.lambdaPort) faults.push('PORT and LAMBDA_PORT are the same');
  if (config.maxEnvironments < processes) {
    faults.push(`MAX_ENVIRONMENTS is ${config.maxEnvironments}: it takes ROUTER_PROCESSES (${processes}) or more`);
  }
  if (faults.length > 0) throw new ConfigurationError(faults.join('; '));
  return config;
}

/** A JSON object of strings. */
function parseStageVariables(text: string | undefined, faults: string[]): Record<string, string> | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && Object.entries(value as object).every(([key, one]) => /^\w+$/.test(key) && typeof one === 'string')) {
    return value as Record<string, string>;
  }
  faults.push(`STAGE_VARIABLES is "${text}": it takes a JSON object of strings`);
  return undefined;
}

const corsLists = ['CORS_ALLOW_METHODS', 'CORS_ALLOW_HEADERS', 'CORS_EXPOSE_HEADERS'];

function parseCors(
  env: Environment,
  faults: string[],
  integer: (name: string, fallback: number, min: number, max: number) => number,
): CorsConfig | undefined {
  const list = (name: string) => (env[name] ?? '').split(',').map((one) => one.trim()).filter(Boolean); // biome-ignore format: one thing
  const allowOrigins = list('CORS_ALLOW_ORIGINS');
  const other = [...corsLists, 'CORS_MAX_AGE', 'CORS_ALLOW_CREDENTIALS'].filter((name) => env[name]?.trim());
  if (allowOrigins.length === 0) {
    if (other.length > 0) faults.push(`${other.join(', ')} without CORS_ALLOW_ORIGINS`);
    return undefined;
  }
  for (const origin of allowOrigins) {
    // As browsers send it: lower case, without a slash at the end.
    if (origin === '*' || /^https?:\/\/(\*|[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?)$/.test(origin)) continue;
    faults.push(
      `CORS_ALLOW_ORIGINS has "${origin}": it takes *, https://*, http://* or origins like https://example.com`,
    );
  }
  for (const name of corsLists) {
    const wrong = list(name).find((one) => !/^[\w!#$%&'*+.^`|~-]+$/.test(one));
    if (wrong) faults.push(`${name} has "${wrong}": it takes names, with commas between, or *`);
  }
  const credentials = env.CORS_ALLOW_CREDENTIALS?.trim() || 'false';
  if (credentials !== 'true' && credentials !== 'false') {
    faults.push(`CORS_ALLOW_CREDENTIALS is "${credentials}": it takes true or false`);
  }
  if (credentials === 'true' && allowOrigins.includes('*')) {
    faults.push('CORS_ALLOW_CREDENTIALS takes origins by name: CORS_ALLOW_ORIGINS has *');
  }
  return {
    allowOrigins,
    allowMethods: list('CORS_ALLOW_METHODS'),
    allowHeaders: list('CORS_ALLOW_HEADERS'),
    exposeHeaders: list('CORS_EXPOSE_HEADERS'),
    maxAge: env.CORS_MAX_AGE?.trim() ? integer('CORS_MAX_AGE', 0, 0, 86_400) : undefined,
    allowCredentials: credentials === 'true',
  };
}
