/**
 * Makes `console` write what aws-lambda-ric writes with the log format JSON: one line an entry, with the id of the
 * invocation that wrote it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { format } from 'node:util';

const levelByMethod = {
  trace: 'TRACE',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
  fatal: 'FATAL',
} as const;

type Level = (typeof levelByMethod)[keyof typeof levelByMethod];

/** The ids by which log entries name an invocation. */
export interface InvocationIds {
  requestId: string;
  /** The W3C trace id of the request; undefined where the event is no request. */
  traceId: string | undefined;
}

/** From the least to the most severe. */
const levels: Level[] = Object.values(levelByMethod);

/**
 * Replaces the methods of `console`, and adds `console.fatal`.
 * @param currentIds returns the ids of the current invocation, or undefined outside of one
 * @param minimumLevel     AWS_LAMBDA_LOG_LEVEL; entries of a lower level are dropped
 */
export function patchConsole(currentIds: () => InvocationIds | undefined, minimumLevel = 'TRACE'): void {
  const threshold = Math.max(0, levels.indexOf(minimumLevel.toUpperCase() as Level));
  const methods = console as unknown as Record<string, (message?: unknown, ...values: unknown[]) => void>;
  for (const [method, level] of Object.entries(levelByMethod)) {
    const dropped = levels.indexOf(level) < threshold;
    methods[method] = dropped
      ? () => {}
      : (message, ...values) => writeLogEntry(level, currentIds(), message, ...values);
  }
  console.log = console.info;
}

/**
 * Writes one entry to stdout. A single value stays a value in the JSON. Several become one text, and the first Error behind
 * the first value adds fields of its own: errorType, errorMessage, stackTrace.
 * @param message and values: the arguments of a `console` method
 */
export function writeLogEntry(
  level: Level,
  ids: InvocationIds | undefined,
  message?: unknown,
  ...values: unknown[]
): void {
  const { requestId = '-', traceId } = ids ?? {};
  const entry = { timestamp: new Date().toISOString(), level, requestId, trace_id: traceId, message };
  process.stdout.write(`${values.length === 0 ? serialize(entry) : serializeText(entry, values)}\n`);
}

function serialize(entry: { message: unknown }): string {
  try {
    return JSON.stringify(entry, (_key, value) =>
      value instanceof Error ? { ...fieldsOf(value, value.stack), ...value } : value,
    );
  } catch {
    // JSON has no form for a circular object and for a BigInt.
    return JSON.stringify({ ...entry, message: format(entry.message) });
  }
}

function serializeText(entry: { message: unknown }, values: unknown[]): string {
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...entry, message: format(entry.message, ...values), ...(error && fieldsOf(error, [])) });
}

/** @param unusualStack stands for a `stack` that is no text */
function fieldsOf(error: Error, unusualStack: unknown): object {
  return {
    errorType: error.constructor?.name ?? 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : unusualStack,
  };
}
