/**
 * `console` as Lambda's runtime has it with the log format JSON: one line an entry, with the id of the invocation that
 * wrote it. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { format } from 'node:util';

const levels = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const;

type Level = (typeof levels)[keyof typeof levels] | 'FATAL';

const order: Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * @param requestId gives the id of the current invocation, or undefined outside of one
 * @param minimum   AWS_LAMBDA_LOG_LEVEL: entries below it are dropped
 */
export function patchConsole(requestId: () => string | undefined, minimum = 'TRACE'): void {
  const threshold = Math.max(0, order.indexOf(minimum.toUpperCase() as Level));
  for (const [method, level] of Object.entries(levels)) {
    const dropped = order.indexOf(level) < threshold;
    console[method as keyof typeof levels] = dropped
      ? () => {}
      : (...values: unknown[]) => writeEntry(level, requestId(), values);
  }
}

/** Writes one entry; an Error among the values has fields of its own, with its name and stack. */
export function writeEntry(level: Level, requestId: string | undefined, values: unknown[]): void {
  const error = values.find((value) => value instanceof Error);
  const rest = values.filter((value) => value !== error);
  const [first] = rest;
  const message =
    rest.length === 0 && error
      ? error.message
      : rest.length === 1 && typeof first === 'object'
        ? first
        : format(...rest);
  const entry = {
    timestamp: new Date().toISOString(),
    level,
    requestId,
    message,
    ...(error && { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split('\n') ?? [] }),
  };
  process.stdout.write(`${serialize(entry)}\n`);
}

function serialize(entry: { message: unknown }): string {
  try {
    return JSON.stringify(entry);
  } catch {
    // Circular, or a bigint.
    return JSON.stringify({ ...entry, message: format(entry.message) });
  }
}
