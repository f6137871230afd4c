/** The router's settings, parsed and checked once from the environment. */
import { resolve } from 'node:path';
import { isLogLevel, type LogLevel } from './log.ts';

/** A setting that can't be used. The message names it and says what it takes; the router prints it and exits with 2. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

export type RuntimeName = 'node' | 'ric';

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
  /** Milliseconds that requests in flight get to finish after SIGTERM. */
  shutdownTimeout: number;
  region: string;
  accountId: string;
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

  const config: Config = {
    host: env.HOST?.trim() || '127.0.0.1',
    port: integer('PORT', 8080, 0, 65_535),
    lambdaPort: lambdaPort === 0 ? undefined : lambdaPort,
    distFolder: resolve(env.DIST_FOLDER?.trim() || resolve(import.meta.dirname, '..')),
    runtime: choice('FUNCTION_RUNTIME', 'node', ['node', 'ric']),
    logLevel: isLogLevel(level) ? level : 'INFO',
    maxPayloadBytes: integer('MAX_PAYLOAD_BYTES', 1024 * 1024, 1, lambdaMaxPayload),
    maxHeaderBytes: integer('MAX_HEADER_BYTES', 16 * 1024, 1024, 1024 * 1024),
    headersTimeout: integer('HEADERS_TIMEOUT_MS', 10_000, 100, 3_600_000),
    requestTimeout: integer('REQUEST_TIMEOUT_MS', 30_000, 100, 3_600_000),
    keepAliveTimeout: integer('KEEP_ALIVE_TIMEOUT_MS', 65_000, 0, 3_600_000),
    initTimeout: integer('INIT_TIMEOUT_MS', 10_000, 100, 900_000),
    idleTimeout: integer('IDLE_TIMEOUT_MS', 300_000, 100, 86_400_000),
    maxEnvironments: integer('MAX_ENVIRONMENTS', 16, 1, 1000),
    shutdownTimeout: integer('SHUTDOWN_TIMEOUT_MS', 30_000, 0, 900_000),
    region: env.AWS_REGION?.trim() || 'us-east-1',
    accountId: env.AWS_ACCOUNT_ID?.trim() || '000000000000',
  };
  if (config.port !== 0 && config.port === config.lambdaPort) faults.push('PORT and LAMBDA_PORT are the same');
  if (faults.length > 0) throw new ConfigurationError(faults.join('; '));
  return config;
}
