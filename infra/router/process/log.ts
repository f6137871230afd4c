/** The router's own log: JSON lines on stdout, in the form of the functions' lines. Levels are Lambda's, and SILENT. */
const levels = { DEBUG: 10, INFO: 20, WARN: 30, ERROR: 40, SILENT: 50 } as const;
/** The lowest level of the lines that are written. */
export type LogLevel = keyof typeof levels;

let threshold: number = levels.INFO;

/** Sets the level of this process. */
export function setLogLevel(level: LogLevel): void {
  threshold = levels[level];
}

/** @returns whether a text is the name of a level, in upper case */
export function isLogLevel(value: string): value is LogLevel {
  return Object.hasOwn(levels, value);
}

/** Unread output (bytes) beyond which lines are dropped: the router can't wait for a reader of its log. */
const maxUnreadBytes = 16 * 1024 * 1024;
let dropped = 0;

/**
 * Writes an entry as JSON that is one line to every reader. JSON.stringify leaves some characters as they are: a terminal obeys
 * DEL and the control characters from 0x80 to 0x9f, and Node's readline and other readers end a line at U+2028 and U+2029.
 */
export function toLogLine(entry: object): string {
  return JSON.stringify(entry).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function write(level: LogLevel, message: string, fields: object = {}): void {
  if (levels[level] < threshold) return;
  if (process.stdout.writableLength > maxUnreadBytes) {
    dropped++;
    return;
  }
  if (dropped > 0) {
    const lines = dropped;
    dropped = 0;
    write('WARN', 'Log lines were dropped, because nobody read the log', { lines });
  }
  process.stdout.write(`${toLogLine({ timestamp: new Date().toISOString(), level, message, ...fields })}\n`);
}

/** Writes a line of each level, with further fields. */
export const log = {
  debug: (message: string, fields?: object) => write('DEBUG', message, fields),
  info: (message: string, fields?: object) => write('INFO', message, fields),
  warn: (message: string, fields?: object) => write('WARN', message, fields),
  error: (message: string, fields?: object) => write('ERROR', message, fields),
};
