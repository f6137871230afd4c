/** serverless-offline as a contender, in both of its modes, with the same bundles as the router. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { freePort } from '../../tests/support/ports.ts';
import { builds, cadastroWith } from './cadastro.ts';
import { type Contender, start, startProgram } from './contender.ts';

interface FunctionEntry {
  name: string;
  route?: string;
  code: string;
  timeout: number;
  memorySize: number;
}

const bench = join(import.meta.dirname, '..');
/** The program of serverless. */
export const offlineCommand = join(bench, 'node_modules/serverless/bin/serverless.js');

/**
 * Writes serverless.json.
 * @param folder below the bench's package, so that serverless finds the plugin
 * @returns the folder
 */
function writeService(folder: string, environment: Record<string, string>): string {
  const manifest = JSON.parse(readFileSync(join(builds, 'app/functions.json'), 'utf8')) as FunctionEntry[];
  const functions = manifest.flatMap(({ name, route, code, timeout, memorySize }) => {
    if (route === undefined) return [];
    const [method = '', path] = route.split(' ');
    const handler = join(relative(folder, join(builds, 'app', code)), 'handler.handler');
    return [[name, { handler, timeout, memorySize, events: [{ httpApi: { method: method.toLowerCase(), path } }] }]];
  });
  const service = {
    service: 'cadastro',
    provider: { name: 'aws', runtime: 'nodejs24.x', environment },
    plugins: ['serverless-offline'],
    functions: Object.fromEntries(functions),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'serverless.json'), JSON.stringify(service, null, 2));
  return folder;
}

function offline(name: string, title: string, args: string[], warmUpSeconds: number): Contender {
  return {
    name,
    title,
    hasFullApi: true,
    warmUpSeconds,
    start: (node = process.execPath) =>
      start(name, { redis: true }, async ({ folder, redis, log }) => {
        const database = `sqlite:${join(folder, 'app.db')}`;
        // serverless-offline runs no function before it listens, so a router creates the tables.
        const migrated = await cadastroWith({ redis: false, env: { DATABASE_URL: database } }).start();
        await migrated.stop();
        const [port, lambdaPort] = await Promise.all([freePort(), freePort()]);
        const environment = { DATABASE_URL: database, REDIS_URL: redis?.url ?? '' };
        const service = writeService(join(bench, 'results', name), environment);
        const url = `http://localhost:${port}`;
        const ports = ['--httpPort', String(port), '--lambdaPort', String(lambdaPort)];
        const program = await startProgram(
          {
            command: node,
            args: [offlineCommand, 'offline', 'start', '--noPrependStageInUrl', ...ports, ...args],
            cwd: service,
            env: { PATH: `${dirname(node)}:${process.env.PATH}`, SLS_TELEMETRY_DISABLED: '1' },
            log,
          },
          `${url}/health`,
        );
        return { url, program };
      }),
  };
}

/** All functions in the server's own process. */
export const offlineInProcess = offline('offline-in-process', 'serverless-offline, in process', ['--useInProcess'], 3);
/** The default. It starts a worker thread for each simultaneous request, so 64 connections need a long warm-up. */
export const offlineWorkers = offline('offline-workers', 'serverless-offline, workers (default)', [], 20);
