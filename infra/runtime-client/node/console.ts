/**
 * Makes `console` write what Lambda's runtime writes with the log format JSON: one line an entry, with the id of the
 * invocation that wrote it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { format } from 'node:util';

const levelByMethod = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const;

type Level = (typeof levelByMethod)[keyof typeof levelByMethod] | 'FATAL';

/** From the least to the most severe. */
const levels: Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * Replaces the methods of `console`.
 * @param currentRequestId returns the id of the current invocation, or undefined outside of one
 * @param minimumLevel     AWS_LAMBDA_LOG_LEVEL; entries of a lower level are dropped
 */
export function patchConsole(currentRequestId: () => string | undefined, minimumLevel = 'TRACE'): void {
  const threshold = Math.max(0, levels.indexOf(minimumLevel.toUpperCase() as Level));
  for (const [method, level] of Object.entries(levelByMethod)) {
    const dropped = levels.indexOf(level) < threshold;
    console[method as keyof typeof levelByMethod] = dropped
      ? () => {}
      : (...values: unknown[]) => writeLogEntry(level, currentRequestId(), values);
  }
}

/**
 * Writes one entry to stdout. The first Error among the values gets fields of its own: errorType, errorMessage, stackTrace.
 * @param values arguments of a `console` method
 */
export function writeLogEntry(level: Level, requestId: string | undefined, values: unknown[]): void {
  const error = values.find((value) => value instanceof Error);
  const rest = values.filter((value) => value !== error);
  const entry = {
    timestamp: new Date().toISOString(),
    level,
    requestId,
    message: messageOf(rest, error),
    ...(error && { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n') ?? [] }),
  };
  process.stdout.write(`${serialize(entry)}\n`);
}

/** A single object stays an object, as on Lambda. */
function messageOf(values: unknown[], error: Error | undefined): unknown {
  if (values.length === 0 && error) return error.message;
  const [first] = values;
  return values.length === 1 && typeof first === 'object' ? first : format(...values);
}

function serialize(entry: { message: unknown }): string {
  try {
    return JSON.stringify(entry);
  } catch {
    // JSON has no form for a circular object and for a BigInt.
    return JSON.stringify({ ...entry, message: format(entry.message) });
  }
}
