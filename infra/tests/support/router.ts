/** Starts real routers for tests: a process of its own each, on free ports, with a database folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './ports.ts';

export interface LogLine extends Record<string, unknown> {
  level: string;
  message: unknown;
  function?: string;
  requestId?: string;
}

export interface Router {
  /** The HTTP API, without a slash at its end. */
  url: string;
  /** The control API. */
  controlUrl: string;
  process: ChildProcess;
  /** Everything it has logged up to now. */
  logs: LogLine[];
  /** Resolves with the first log line, past or to come, that the test says is the one. */
  logged(test: (line: LogLine) => boolean): Promise<LogLine>;
  /** SIGTERM, and wait. @returns the exit code */
  stop(): Promise<number | null>;
}

export interface RouterOptions {
  env?: Record<string, string>;
  /** Folder of the build: functions.json. */
  dist?: string;
  /** Gets the router's process at once, for what happens before it listens. */
  spawned?: (process: ChildProcess) => void;
}

const root = join(import.meta.dirname, '../../..');

/**
 * Starts `dist/router/main.mjs` and waits until it listens. FUNCTION_RUNTIME=ric in the tests' own environment runs any
 * suite under AWS's client.
 * @throws Error with what it wrote when it ends instead
 */
export async function startRouter({ env = {}, dist = 'dist', spawned }: RouterOptions = {}): Promise<Router> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-'));
  const [port, lambdaPort] = await Promise.all([freePort(), freePort()]);
  const child = spawn(process.execPath, [join(root, 'dist/router/main.mjs')], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LAMBDA_PORT: String(lambdaPort),
      DIST_FOLDER: join(root, dist),
      DATABASE_URL: `sqlite:${join(folder, 'app.db')}`,
      ...(process.env.FUNCTION_RUNTIME && { FUNCTION_RUNTIME: process.env.FUNCTION_RUNTIME }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  spawned?.(child);
  const exited = once(child, 'exit').then(([code]) => {
    rmSync(folder, { recursive: true, force: true });
    return code as number | null;
  });
  // A test run that is broken off must not leave routers behind.
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);

  const logs: LogLine[] = [];
  const watchers = new Set<(line: LogLine) => void>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as LogLine;
    logs.push(line);
    for (const watcher of watchers) watcher(line);
  });
  const logged: Router['logged'] = (test) =>
    new Promise((resolve) => {
      const past = logs.find(test);
      if (past) return resolve(past);
      const watcher = (line: LogLine) => {
        if (!test(line)) return;
        watchers.delete(watcher);
        resolve(line);
      };
      watchers.add(watcher);
    });

  const ended = exited.then((code) => {
    throw new Error(`the router ended with ${code}: ${errors || logs.map((line) => JSON.stringify(line)).join('\n')}`);
  });
  ended.catch(() => {});
  await Promise.race([logged(({ message }) => String(message).startsWith('Listening at')), ended]);
  return {
    url: `http://127.0.0.1:${port}`,
    controlUrl: `http://127.0.0.1:${lambdaPort}`,
    process: child,
    logs,
    logged,
    stop() {
      process.off('exit', killChild);
      child.kill('SIGTERM');
      return exited;
    },
  };
}
