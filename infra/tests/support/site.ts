/** Starts the built site for tests, as a process of its own on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A running site. */
export interface Site {
  /** The site's address without a trailing slash. */
  url: string;
  process: ChildProcess;
  /** @returns what the site has written to stderr */
  stderr(): string;
  /** Sends SIGTERM and waits until the process has ended. @returns the exit code, or null after a kill */
  stop(): Promise<number | null>;
}

const root = join(import.meta.dirname, '../../..');

/**
 * Starts `dist/site/main.mjs` and waits until it listens.
 * @param env the site's settings, such as API_URL and STATUS_URL
 * @throws Error with the process's stderr when the process ends instead of listening
 */
export async function startSite(env: Record<string, string>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-site-'));
  const child = spawn(process.execPath, [join(root, 'dist/site/main.mjs')], {
    env: { PATH: process.env.PATH, SITE_PORT: '0', SITE_DATA: join(folder, 'site'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test run that is interrupted must not leave sites behind.
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const ended = exited.then((code) => {
    throw new Error(`the site ended with exit code ${code}: ${stderr}`);
  });
  // After the start, an ended process is not an error.
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
    stderr: () => stderr,
    stop() {
      process.off('exit', killChild);
      child.kill('SIGTERM');
      return exited;
    },
  };
}
