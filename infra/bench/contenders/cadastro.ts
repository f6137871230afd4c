import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildFunctions, buildRouter } from '../../../esbuild.config.mjs';
import { freePort } from '../../tests/support/ports.ts';
import { type Contender, type Running, root, start, startProgram, type Watch } from './contender.ts';

export const builds = join(root, 'dist/bench');
const mainBuild = join(builds, 'app');
const echoBuild = join(builds, 'echo');
const zeroBuild = join(builds, 'zero');

/** Settings beside addresses and files, for the few measurements that are about one; none in a comparison. */
export interface CadastroOptions {
  name?: string;
  title?: string;
  /** Folder of a build, with the router in it. */
  build?: string;
  env?: Record<string, string>;
  redis?: boolean;
  /** Answers 200 when all is up. */
  probe?: string;
}

/**
 * Builds functions and router into folders of the benchmark's own, so that a build made meanwhile changes nothing: the
 * app, an app of one trivial function, and the app with nothing kept warm.
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

/** @returns names of the built functions */
export function functionNames(): string[] {
  return (JSON.parse(readFileSync(join(mainBuild, 'functions.json'), 'utf8')) as { name: string }[]).map(
    ({ name }) => name,
  );
}

export function cadastroWith(options: CadastroOptions = {}): Contender {
  const { name = 'cadastro', title = 'cadastro', build = mainBuild, env = {}, redis: needsRedis = true } = options;
  return {
    name,
    title,
    complete: true,
    start: (node = process.execPath, watch?: Watch): Promise<Running> =>
      start(name, { redis: needsRedis }, async ({ folder, redis, log }) => {
        const [port, lambdaPort] = await Promise.all([freePort(), freePort()]);
        const url = `http://127.0.0.1:${port}`;
        const settings = {
          PORT: String(port),
          LAMBDA_PORT: String(lambdaPort),
          DATABASE_URL: `sqlite:${join(folder, 'app.db')}`,
          REDIS_URL: redis?.url,
          ...env,
        };
        const args = [join(build, 'router/main.mjs')];
        const probe = `${url}${options.probe ?? '/health'}`;
        return { url, program: await startProgram({ command: node, args, env: settings, log }, probe, watch) };
      }),
  };
}

/** As it comes: addresses are all that is set. */
export const cadastro = cadastroWith();

/** The router with one trivial function: what is left is the router's own cost. */
export const echo = cadastroWith({
  name: 'cadastro',
  title: 'cadastro, a function that does nothing',
  build: echoBuild,
  redis: false,
  probe: '/echo',
});

/** Nothing kept warm, and idle processes ended after a tenth of a second. */
export const scaledToZero = cadastroWith({
  name: 'cadastro-zero',
  title: 'cadastro, scaled to zero',
  build: zeroBuild,
  env: { IDLE_TIMEOUT_MS: '100' },
});

/** The same functions under aws-lambda-ric. */
export const cadastroRic = cadastroWith({
  name: 'cadastro-ric',
  title: 'cadastro, FUNCTION_RUNTIME=ric',
  // The benchmark's builds lie deeper than the router looks for it.
  env: { FUNCTION_RUNTIME: 'ric', RIC_PATH: join(root, 'infra/aws/ric/node_modules/aws-lambda-ric') },
});

/**
 * Another build, to compare with: a dist/ folder kept from before a change.
 * @throws Error when it is none
 */
export function otherBuild(folder: string): Contender {
  const build = resolve(folder);
  if (!existsSync(join(build, 'router/main.mjs'))) throw new Error(`${build} has no router/main.mjs: it is no build`);
  return cadastroWith({ name: 'other', title: `cadastro, build in ${folder}`, build });
}
