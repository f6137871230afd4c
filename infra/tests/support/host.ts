/** Runs the command `host` on a project, for tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { freePort } from './ports.ts';
import { until } from './until.ts';

const root = join(import.meta.dirname, '../../..');

/** A host that runs. */
export interface RunningHost {
  /** Base URL of the HTTP API, without a slash at its end. */
  url: string;
  /** Every line of stdout and stderr so far. */
  lines: string[];
  process: ChildProcess;
  /** Resolves once a line after the last awaited one contains a text. */
  printed(text: string): Promise<string>;
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
}

/** The variables of every host in tests. A slow machine must not turn into a 502. */
const hostEnvironment = { PATH: process.env.PATH, INIT_TIMEOUT_MS: '300000', REQUEST_TIMEOUT_MS: '300000' };

/**
 * Starts the host on free ports and waits until it listens.
 * @param program the file to run, with its first arguments; `npm run host` if left out
 * @throws Error with the output when it ends instead
 */
export async function startHost(
  t: Pick<TestContext, 'after'>,
  args: string[],
  {
    env = {},
    program = [join(root, 'infra/scripts/host.ts')],
  }: { env?: Record<string, string>; program?: string[] } = {},
): Promise<RunningHost> {
  const port = await freePort();
  const child = spawn(process.execPath, [...program, ...args, '--port', String(port), '--lambda-port', '0'], {
    cwd: root,
    env: { ...hostEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  t.after(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  let seen = 0;
  const printed = async (text: string) => {
    const index = await until(`${text}\n${lines.join('\n')}`, () => {
      const found = lines.findIndex((line, at) => at >= seen && line.includes(text));
      if (found < 0 && isOver) throw new Error(`the host ended:\n${lines.join('\n')}`);
      return found >= 0 && found + 1;
    });
    seen = index;
    return lines[index - 1] as string;
  };
  await printed('Listening at');
  return { url: `http://127.0.0.1:${port}`, lines, process: child, printed, exited };
}

/** Runs the host to its end. @returns the exit code and what it wrote to stderr */
export async function runHostToEnd(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'infra/scripts/host.ts'), ...args], {
    cwd: root,
    env: hostEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...output };
}
