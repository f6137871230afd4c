/** Starts routers for tests: each is a process of its own, on free ports, with a database in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './ports.ts';

export interface LogLine extends Record<string, unknown> {
  level: string;
  message: unknown;
  function?: string;
  requestId?: string;
}

export interface Router {
  /** Base URL of the HTTP API, without a slash at its end. */
  url: string;
  /** Base URL of the Invoke API, without a slash at its end. */
  controlUrl: string;
  /** Base URL of /status, /metrics and the probes, without a slash at its end. */
  statusUrl: string;
  process: ChildProcess;
  /** Every line that the router has logged so far. */
  logs: LogLine[];
  /** Resolves with the first log line, past or future, for which the test returns true. */
  logged(test: (line: LogLine) => boolean): Promise<LogLine>;
  /** Sends SIGTERM and waits. @returns the exit code */
  stop(): Promise<number | null>;
}

export interface RouterOptions {
  /** Settings of the router and of its functions; they win over those that this file sets. */
  env?: Record<string, string>;
  /** Folder of a build, relative to the project's root. */
  dist?: string;
  /** Serves only these functions of the build; all of them if left out. */
  functions?: string[];
  /** Starts the product's functions with the router, as the product does. Most tests need few of them, and wait for none. */
  warm?: boolean;
  /** Variables of `env` that the functions get, beside those that their function.json lists. */
  passed?: string[];
  /** Called with the router's process as soon as it exists, for tests of its start. */
  spawned?: (process: ChildProcess) => void;
}

const root = join(import.meta.dirname, '../../..');

/**
 * The product's own time limits, raised for every test: a machine that is slow or busy must not turn into a 502 or a
 * 504. A test that is about one of these limits sets it in `env`.
 */
const generousLimits = {
  INIT_TIMEOUT_MS: '300000',
  HEADERS_TIMEOUT_MS: '300000',
  REQUEST_TIMEOUT_MS: '300000',
  SHUTDOWN_TIMEOUT_MS: '300000',
  MAX_WAIT_MS: '3600000',
  INTEGRATION_TIMEOUT_MS: '900000',
};
const generousTimeoutSeconds = 300;

/**
 * Starts `dist/router/main.mjs` and waits until it listens. FUNCTION_RUNTIME=ric in the tests' own environment runs any
 * suite under AWS's client, and AUTH=on guards the product's functions: `administratorHeaders` opens them.
 * @throws Error with the router's output when it ends instead
 */
export async function startRouter({
  env = {},
  dist = 'dist',
  functions,
  warm = false,
  passed = [],
  spawned,
}: RouterOptions = {}): Promise<Router> {
  const folder = mkdtempSync(join(tmpdir(), 'cadastro-'));
  const [port, lambdaPort, statusPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const build = resolve(root, dist);
  const isProduct = dist === 'dist';
  if (!env.DIST_FOLDER) copyManifest(build, folder, { isProduct, functions, warm, passed });
  const child = spawn(process.execPath, [join(root, 'dist/router/main.mjs')], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LAMBDA_PORT: String(lambdaPort),
      STATUS_PORT: String(statusPort),
      DIST_FOLDER: folder,
      DATABASE_URL: `sqlite:${join(folder, 'app.db')}`,
      ...generousLimits,
      ...(process.env.FUNCTION_RUNTIME && { FUNCTION_RUNTIME: process.env.FUNCTION_RUNTIME }),
      ...(isProduct && process.env.AUTH && { AUTH: process.env.AUTH }),
      ...(process.env.RIC_PATH && { RIC_PATH: process.env.RIC_PATH }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  spawned?.(child);
  // An interrupted test run must not leave routers behind.
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);
  const exited = once(child, 'exit').then(async ([code]) => {
    process.off('exit', killChild);
    // A function that still opens the database when its router ends adds files to the folder until it ends, too.
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    return code as number | null;
  });
  // `exit` may come before the last output.
  const printed = once(child.stderr, 'close');

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

  const ended = Promise.all([exited, printed]).then(([code]) => {
    throw new Error(`the router ended with ${code}: ${errors || logs.map((line) => JSON.stringify(line)).join('\n')}`);
  });
  ended.catch(() => {});
  await Promise.race([logged(({ message }) => String(message).startsWith('Listening at')), ended]);
  return {
    url: `http://127.0.0.1:${port}`,
    controlUrl: `http://127.0.0.1:${lambdaPort}`,
    statusUrl: `http://127.0.0.1:${statusPort}`,
    process: child,
    logs,
    logged,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

interface ManifestEntry {
  name: string;
  code: string;
  environment?: unknown;
}

/**
 * Writes a manifest that serves a build from another folder. The functions of the product get a generous time-out, and start
 * when they are asked; those of the fixtures keep their settings, because some are there to run into them.
 */
function copyManifest(
  build: string,
  folder: string,
  {
    isProduct,
    functions,
    warm,
    passed,
  }: { isProduct: boolean; functions: string[] | undefined; warm: boolean; passed: string[] },
): void {
  const entries = JSON.parse(readFileSync(join(build, 'functions.json'), 'utf8')) as ManifestEntry[];
  const manifest = entries
    .filter(
      ({ name }) =>
        functions === undefined || functions.includes(name) || (process.env.AUTH === 'on' && name === 'authorize'),
    )
    .map((entry) => ({
      ...entry,
      code: resolve(build, entry.code),
      environment: [entry.environment ?? [], passed].flat(),
      ...(isProduct && { timeout: generousTimeoutSeconds }),
      ...(isProduct && !warm && { provisionedConcurrency: 0 }),
    }));
  writeFileSync(join(folder, 'functions.json'), JSON.stringify(manifest));
}
