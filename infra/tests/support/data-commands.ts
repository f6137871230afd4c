/** Runs the commands that back up, restore and move a directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '../../..');

/** As `npm run` sets it. */
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

interface Result {
  code: number | null;
  stdout: Buffer;
  stderr: string;
}

/** @param name of a file in infra/scripts, without its ending */
export function startCommand(name: string, args: string[], env: Record<string, string>, input = false): ChildProcess {
  return spawn(process.execPath, [`infra/scripts/${name}.ts`, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...compileCache, ...env },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command to its end. @param input its standard input */
export async function runCommand(
  name: string,
  args: string[],
  env: Record<string, string> = {},
  input?: Buffer,
): Promise<Result> {
  const child = startCommand(name, args, env, input !== undefined);
  child.stdin?.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    buffer(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}

/** @returns the lines of a backup after the first: every row of a directory, in order, with sums */
export function linesOf(backup: Buffer): string[] {
  return gunzipSync(backup).toString().trimEnd().split('\n').slice(1);
}

/** @returns the text of a backup with the sums that its rows should have, for backups that somebody forges */
export function withSums(text: string): string {
  let sum = createHash('sha256');
  let rows = 0;
  const lines = text.trimEnd().split('\n');
  const summed = lines.map((line) => {
    if (line.startsWith('{"end":')) return JSON.stringify({ ...JSON.parse(line), rows, sha256: sum.digest('hex') });
    if (line.startsWith('[')) {
      sum.update(`${line}\n`);
      rows++;
    } else {
      sum = createHash('sha256');
      rows = 0;
    }
    return line;
  });
  return `${summed.join('\n')}\n`;
}

/** @returns every row of the directory at a URL, as lines of JSON */
export async function rowsAt(url: string): Promise<string[]> {
  const { code, stdout, stderr } = await runCommand('backup', ['-'], { DATABASE_URL: url });
  if (code !== 0) throw new Error(stderr);
  return linesOf(stdout);
}
