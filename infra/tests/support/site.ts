/** Starts the built site for tests: a process of its own on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Site {
  /** Without a slash at its end. */
  url: string;
  process: ChildProcess;
  /** SIGTERM, and wait. @returns the exit code */
  stop(): Promise<number | null>;
}

const root = join(import.meta.dirname, '../../..');

/**
 * Starts `dist/site/main.mjs` and waits until it listens.
 * @param env API_URL and CONTROL_URL, and whatever else the test is about
 * @throws Error with what it wrote when it ends instead
 */
export async function startSite(env: Record<string, string>): Promise<Site> {
  const child = spawn(process.execPath, [join(root, 'dist/site/main.mjs')], {
    env: { PATH: process.env.PATH, SITE_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const ended = exited.then((code) => {
    throw new Error(`the site ended with ${code}: ${errors}`);
  });
  ended.catch(() => {});
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^cadastro site listening at (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([listening, ended]);
  return {
    url,
    process: child,
    stop() {
      process.off('exit', killChild);
      child.kill('SIGTERM');
      return exited;
    },
  };
}
