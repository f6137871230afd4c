/** Formats the log of the servers for a person at a terminal, for the command `host`, `npm start` and `npm run dev`. */

import { printableText } from '../../http/printable.ts';

const grey = (text: string) => `\x1b[2m${text}\x1b[0m`;

/**
 * Formats a JSON log line; of other lines only control characters change.
 * @param name the server, for lines that name no function
 */
export function readable(name: string, line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line);
  } catch {
    return printable(line);
  }
  if (typeof entry !== 'object' || entry === null) return printable(line);
  const { timestamp, level, message, function: source = name, ...fields } = entry;
  const time = printable(String(timestamp).slice(11, 19));
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return `${grey(time)} ${printable(`${level} ${source}: ${text}`)} ${grey(printable(JSON.stringify(fields)))}`;
}

/** Escapes control characters, and indents each line after the first, so that no message looks like an entry of its own. */
function printable(text = ''): string {
  return printableText(text).replaceAll('\n', '\n    ');
}
