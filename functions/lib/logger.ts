/**
 * Writes log lines as JSON to stdout, each with the invocation that it belongs to.
 *
 * A line may have the id of a user, and never a name or an address.
 *
 * Invocations of one process overlap, so nothing is ever appended to the logger. Each line gets its own keys.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { LogLevel } from './config.ts';
import { currentTraceId } from './current-request.ts';

/** Additional fields of a line. */
type Keys = Record<string, string | number | boolean | null | undefined | Error>;

const logger = new Logger({ serviceName: 'cadastro', logLevel: 'INFO' });

/** A copy of the logger's level. Asking the logger costs more than all other work for a line that is not written. */
let threshold: number = logger.level;

/** Sets the lowest level that is written. On AWS, the logging settings of the function take precedence. */
export function setLogLevel(level: LogLevel): void {
  logger.setLogLevel(level);
  threshold = logger.level;
}

/** Each method writes one line. With a context, the line belongs to that invocation; without one, to the process. */
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
  const values = Object.entries(keys).map(([key, value]) => [key, value instanceof Error ? withoutData(value) : value]);
  const trace_id = currentTraceId();
  logger[level](message, { ...about, ...(trace_id && { trace_id }), ...Object.fromEntries(values) });
}

/** A database's error has the row that it refuses in its further properties, and the logger would write all of them. */
function withoutData(error: Error): Error {
  const { name, message, stack, cause, code } = error as NodeJS.ErrnoException;
  const copy = new Error(message, cause instanceof Error ? { cause: withoutData(cause) } : {});
  return Object.assign(copy, { name, stack }, code !== undefined && { code });
}
