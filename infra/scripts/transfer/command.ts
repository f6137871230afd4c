/** Runs a command of the terminal: exit code 0 when it succeeded, 1 when it failed, 2 when an argument or a setting is wrong. */
import { parseArgs } from 'node:util';
import { ConfigurationError, HttpError } from '#lib/errors.ts';
import { printableLine, printableText } from '../../http/printable.ts';
import { InvalidContent } from './tables.ts';

/** The command failed; the message is for the person who called it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** An argument is wrong; the message names it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @param main returns the text for standard error at the end */
export async function runCommand(name: string, main: () => Promise<string>): Promise<void> {
  // Files that exist only meanwhile are removed when the process exits, which a signal without a listener prevents.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
  try {
    process.stderr.write(printableText(await main()));
  } catch (error) {
    const message = messageOf(error);
    const text = message === undefined ? printableText(String((error as Error).stack)) : printableLine(message);
    process.stderr.write(`${text}\n`);
    const isUsage = error instanceof UsageError || isParseError(error);
    if (isUsage) process.stderr.write(`See npm run ${name} -- --help\n`);
    process.exit(isUsage || error instanceof ConfigurationError ? 2 : 1);
  }
}

/**
 * Reads the arguments of a command for one file.
 * @param help printed for --help
 * @param flag the command's own option, without dashes
 * @returns the file, and whether the option is set; undefined after --help
 * @throws {UsageError} when there is no file, an empty name, or more than one
 */
export function parseFileArguments(help: string, flag: string): { file: string; isSet: boolean } | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { [flag]: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return undefined;
  }
  const [file, ...rest] = positionals;
  if (!file || rest.length > 0) throw new UsageError('The command needs one FILE');
  return { file, isSet: values[flag] === true };
}

/** @returns undefined for an error that only a fault of the program causes */
function messageOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  if (isFull(error) || isFull(error.cause)) return `There is no space left, so nothing was changed${cause}`;
  if (error instanceof CommandError || error instanceof UsageError || error instanceof ConfigurationError) {
    return error.message;
  }
  if (error instanceof InvalidContent) return `The directory can't be copied: ${error.message}`;
  if (error instanceof HttpError) {
    const title = error.message.startsWith(error.title) ? '' : `${error.title}: `;
    return `${title}${error.message}${cause}`;
  }
  // The system, SQLite and Node.js name their errors by letters, PostgreSQL by digits.
  if (typeof code === 'string' && /^[A-Z0-9]/.test(code)) return error.message;
  return undefined;
}

/** Codes of the system, of SQLite and of PostgreSQL. */
function isFull(error: unknown): boolean {
  return error instanceof Error && /^(ENOSPC|SQLITE_FULL|53100)$/.test(String((error as NodeJS.ErrnoException).code));
}

function isParseError(error: unknown): boolean {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}
