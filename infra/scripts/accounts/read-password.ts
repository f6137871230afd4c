/** Reads a password: from the terminal without showing it, or as the first line of standard input. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from '../transfer/command.ts';

/** Far above any password. Standard input may never end. */
const maxLineCharacters = 65_536;

/** @throws {UsageError} when the two entries differ, or there is none */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const password = await ask('Password: ');
  if ((await ask('Password again: ')) !== password) throw new UsageError('The two passwords differ');
  return password;
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    const [line, ...others] = text.split(/\r?\n/, 2);
    if (others.length > 0) return line as string;
    if (text.length > maxLineCharacters)
      throw new UsageError('The first line of standard input is too long for a password');
  }
  if (text !== '') return text;
  throw new UsageError('Standard input has no password: write it there as one line, or use --link');
}

/** The terminal echoes nothing, because the interface writes to an output that keeps silent. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C reaches the interface and not the process, while the terminal is in raw mode.
  terminal.once('SIGINT', () => process.exit(130));
  const answer = await terminal.question('');
  terminal.close();
  process.stderr.write('\n');
  return answer;
}
