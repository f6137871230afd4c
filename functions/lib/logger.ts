/**
 * Log lines as JSON on stdout, each with the invocation it belongs to.
 *
 * Invocations share a process and overlap, so no key is ever appended to the logger: each line is given its own.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { LogLevel } from './config.ts';

type Keys = Record<string, string | number | boolean | null | undefined | Error>;

const logger = new Logger({ serviceName: 'cadastro', logLevel: 'INFO' });

/** Kept here because asking the logger costs more than most lines that are not written. */
let threshold: number = logger.level;

/** Sets the lowest level that is written. On AWS, the function's own logging settings come before it. */
export function setLogLevel(level: LogLevel): void {
  logger.setLogLevel(level);
  threshold = logger.level;
}

/** Lines about an invocation; without a context, about the process itself. */
export const log = {
  debug: (message: string, keys: Keys = {}, context?: Context) => write('debug', message, keys, context),
  info: (message: string, keys: Keys = {}, context?: Context) => write('info', message, keys, context),
  warn: (message: string, keys: Keys = {}, context?: Context) => write('warn', message, keys, context),
  error: (message: string, keys: Keys = {}, context?: Context) => write('error', message, keys, context),
};

const thresholds = { debug: 8, info: 12, warn: 16, error: 20 } as const;

function write(level: keyof typeof thresholds, message: string, keys: Keys, context: Context | undefined): void {
  if (threshold > thresholds[level]) return;
  const about = context && { function_request_id: context.awsRequestId, function_name: context.functionName };
  logger[level](message, { ...about, ...keys });
}
