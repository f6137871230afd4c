/** cadastro as a contender: its usual build, an echo build, a build scaled to zero, and another build to compare with. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildFunctions, buildRouter } from '../../../esbuild.config.mjs';
import { freePort } from '../../tests/support/ports.ts';
import { routerFlags } from '../../v8/flags.ts';
import { type Contender, type RunningServer, root, type StartObserver, start, startProgram } from './contender.ts';

/** Folder of the bench's own builds. */
export const builds = join(root, 'dist/bench');
const mainBuild = join(builds, 'app');
const echoBuild = join(builds, 'echo');
const zeroBuild = join(builds, 'zero');

/** Settings that a measurement changes. Comparisons change none, so that cadastro runs with its defaults. */
export interface CadastroOptions {
  name?: string;
  title?: string;
  /** Folder of a build that contains the router. */
  build?: string;
  env?: Record<string, string>;
  /** Whether the functions get a PostgreSQL in the place of a SQLite file. */
  postgres?: boolean;
  /** Whether the functions get a Redis. */
  redis?: boolean;
  /** Path that answers 200 once the server is ready. */
  probe?: string;
}

/**
 * Builds functions and router into folders of the bench, so that another build during a run changes nothing. There are three
 * builds: the application, an application with one trivial function, and the application without warm environments.
 */
export async function buildContenders(): Promise<void> {
  await Promise.all([
    buildFunctions('functions', 'dist/bench/app'),
    buildFunctions('infra/bench/functions', 'dist/bench/echo'),
    buildRouter(),
  ]);
  rmSync(zeroBuild, { recursive: true, force: true });
  mkdirSync(zeroBuild, { recursive: true });
  cpSync(join(mainBuild, 'functions'), join(zeroBuild, 'functions'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(mainBuild, 'functions.json'), 'utf8')) as object[];
  const scaled = manifest.map((each) => ({ ...each, provisionedConcurrency: 0 }));
  writeFileSync(join(zeroBuild, 'functions.json'), JSON.stringify(scaled));
  for (const build of [mainBuild, echoBuild, zeroBuild]) {
    rmSync(join(build, 'router'), { recursive: true, force: true });
    cpSync(join(root, 'dist/router'), join(build, 'router'), { recursive: true });
  }
}

/** @returns how many functions of the build have a warm process as soon as the router listens */
export function warmFunctions(): number {
  const functions = JSON.parse(readFileSync(join(mainBuild, 'functions.json'), 'utf8')) as {
    provisionedConcurrency: number;
  }[];
  return functions.filter(({ provisionedConcurrency }) => provisionedConcurrency > 0).length;
}

/**
 * Makes a contender of a build of cadastro.
 * @param options what differs from the defaults
 */
export function cadastroWith(options: CadastroOptions = {}): Contender {
  const { name = 'cadastro', title = 'cadastro', build = mainBuild, env = {}, redis: needsRedis = true } = options;
  return {
    name,
    title,
    hasFullApi: true,
    start: (node = process.execPath, observer?: StartObserver): Promise<RunningServer> =>
      start(name, { redis: needsRedis, postgres: options.postgres }, async ({ folder, redis, databaseUrl, log }) => {
        const [port, lambdaPort, statusPort] = await Promise.all([freePort(), freePort(), freePort()]);
        const url = `http://127.0.0.1:${port}`;
        const settings = {
          PORT: String(port),
          LAMBDA_PORT: String(lambdaPort),
          STATUS_PORT: String(statusPort),
          // The profiler attaches with SIGUSR1.
          INSPECTOR_SIGNAL: 'on',
          DATABASE_URL: databaseUrl ?? `sqlite:${join(folder, 'app.db')}`,
          REDIS_URL: redis?.url,
          ...env,
        };
        const args = [...flagsFor(build), join(build, 'router/main.mjs')];
        const probe = `${url}${options.probe ?? '/health'}`;
        return { url, program: await startProgram({ command: node, args, env: settings, log }, probe, observer) };
      }),
  };
}

/** cadastro with its defaults. Only addresses and the database file are set. */
export const cadastro = cadastroWith();

/** cadastro on PostgreSQL with its defaults: each commit is flushed to the disk, as with SQLite's synchronous=FULL. */
export const cadastroPostgres = cadastroWith({
  name: 'cadastro-postgres',
  title: 'cadastro, PostgreSQL',
  postgres: true,
});

/** The router with one trivial function, so that a measurement shows the router's own cost. */
export const echo = cadastroWith({
  name: 'cadastro',
  title: 'cadastro, a trivial function',
  build: echoBuild,
  redis: false,
  probe: '/echo',
});

/** The router with a function of a fixed CPU cost. */
export const burning = cadastroWith({
  name: 'cadastro-burning',
  title: 'cadastro',
  build: echoBuild,
  redis: false,
  probe: '/burn',
});

/** No warm environments, and idle ones end after 100 ms. */
export const scaledToZero = cadastroWith({
  name: 'cadastro-zero',
  title: 'cadastro, scaled to zero',
  build: zeroBuild,
  env: { IDLE_TIMEOUT_MS: '100' },
});

/** The application under aws-lambda-ric. */
export const cadastroRic = cadastroWith({
  name: 'cadastro-ric',
  title: 'cadastro, FUNCTION_RUNTIME=ric',
  // The router does not find the package from the deeper folder of the bench's builds.
  env: { FUNCTION_RUNTIME: 'ric', RIC_PATH: join(root, 'infra/aws/ric/node_modules/aws-lambda-ric') },
});

/**
 * Makes a contender of another build, usually a dist folder that was kept from before a change.
 * @param folder relative to the working directory
 * @throws Error when the folder contains no router
 */
export function otherBuild(folder: string): Contender {
  const build = resolve(folder);
  if (!existsSync(join(build, 'router/main.mjs')))
    throw new Error(`${build} has no router/main.mjs. Pass a dist folder made by "npm run build"`);
  return cadastroWith({ name: 'other', title: `cadastro, build in ${folder}`, build });
}

/** @returns the flags that `npm start` passes; a build with run.cjs is older than these flags and sets its own */
function flagsFor(build: string): string[] {
  return existsSync(join(build, 'router/run.cjs')) ? [] : routerFlags;
}
