/**
 * The router's own log: JSON lines on stdout, in the shape that functions' lines have too.
 * Levels are Lambda's: DEBUG, INFO, WARN, ERROR.
 */
const levels = { DEBUG: 10, INFO: 20, WARN: 30, ERROR: 40, SILENT: 50 } as const;
export type LogLevel = keyof typeof levels;

let threshold: number = levels.INFO;

export function setLogLevel(level: LogLevel): void {
  threshold = levels[level];
}

export function isLogLevel(value: string): value is LogLevel {
  return Object.hasOwn(levels, value);
}

function write(level: LogLevel, message: string, fields: object = {}): void {
  if (levels[level] < threshold) return;
  process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...fields })}\n`);
}

export const log = {
  debug: (message: string, fields?: object) => write('DEBUG', message, fields),
  info: (message: string, fields?: object) => write('INFO', message, fields),
  warn: (message: string, fields?: object) => write('WARN', message, fields),
  error: (message: string, fields?: object) => write('ERROR', message, fields),
};
