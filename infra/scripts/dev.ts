/** `npm run dev`: serves as `npm start` does, and takes every save. The site runs in Astro's development server. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildRouter, watchFunctions } from '../../esbuild.config.mjs';
import { watchFolders } from '../router/host/watch-folders.ts';
import { routerFlags } from '../v8/flags.ts';
import { root, say } from './lib/build.ts';
import { type Served, serve } from './lib/serve.ts';
import { routerEnvironment, siteEnvironment } from './lib/settings.ts';

const help = `Serves the API and the site, and takes every save: functions are rebuilt and replaced, pages reload.

  npm run dev -- [--inspect NAME[=PORT]]

  --inspect    open Node's inspector in that function's process, from port 9229 on; may be repeated

When a migration changes, the API starts again and runs those that the database does not have. For a branch with other
migrations, name another file: DATABASE_URL=sqlite:./data/branch.db npm run dev
Settings come from the environment: infra/docs/settings.md lists them.
`;

const { env } = process;
const functionsFolder = join(root, 'functions');
const migrationsFolder = join(root, 'functions/lib/database/migrations');
/** Apart from dist/, which holds the build to deploy. */
const distFolder = 'dist/dev';

const { values } = parseArgs({ options: { inspect: { type: 'string', multiple: true }, help: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

const begunAt = Date.now();
const functions = watchFunctions('functions', distFolder);
let api: Served | undefined;
try {
  await Promise.all([functions.rebuild(), buildRouter()]);
} catch (error) {
  say(`The start failed: ${(error as Error).message}`);
  process.exit(1);
}
api = serveApi();
await api.listening;
serve('site', ['node_modules/astro/bin/astro.mjs', 'dev', '--root', 'site', '--port', env.SITE_PORT || '8501'], {
  ...siteEnvironment(env),
  ASTRO_TELEMETRY_DISABLED: '1',
});

let taking = Promise.resolve();
await watchFolders(
  [functionsFolder, migrationsFolder],
  (paths) => {
    taking = taking.then(() => take(paths));
  },
  begunAt,
);
say('Watching functions/ …');

/** Takes a save. A build that fails leaves the old code serving; esbuild has printed why. */
async function take(paths: string[]): Promise<void> {
  const startedAt = Date.now();
  try {
    await functions.rebuild();
  } catch (error) {
    say(`Not rebuilt: ${(error as Error).message.split('\n', 1)[0]}`);
    return;
  }
  say(`Rebuilt in ${Date.now() - startedAt} ms.`);
  if (paths.some((path) => path.startsWith(migrationsFolder))) {
    say('A migration changed: the API starts again. A migration that ran before does not run again.');
    await restartApi();
  } else if (api) api.kill('SIGHUP');
  else await restartApi();
}

/** Starts the API again, so that it migrates the database. When the start fails, the next save tries again. */
async function restartApi(): Promise<void> {
  await api?.stop();
  api = undefined;
  const started = serveApi(true);
  const failed = await Promise.race([started.listening.then(() => false), started.exited.then(() => true)]);
  if (failed)
    say(
      'The API is not started: its last line says why. The next save tries again, for example one that brings the migrations back.',
    );
  else api = started;
}

function serveApi(mayEnd = false): Served {
  return serve(
    'api',
    [...routerFlags, 'dist/router/main.mjs'],
    {
      ...routerEnvironment(env),
      DIST_FOLDER: distFolder,
      SHOW_INIT_ERRORS: env.SHOW_INIT_ERRORS || 'on',
      ...(values.inspect && { INSPECT_FUNCTIONS: values.inspect.join() }),
    },
    mayEnd,
  );
}
