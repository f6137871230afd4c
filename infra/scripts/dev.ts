/** `npm run dev`: as `npm start`, and rebuilds and reloads on every save. The site runs in Astro's development server. */
import { join } from 'node:path';
import { buildRouter, watchFunctions } from '../../esbuild.config.mjs';
import { root, say } from './lib/build.ts';
import { serve } from './lib/serve.ts';
import { watchFolders } from './lib/watch.ts';

const { env } = process;
const functionsFolder = join(root, 'functions');
const migrationsFolder = join(root, 'functions/lib/database/migrations');

/** Of its own: what is there is no build to deploy. */
const distFolder = 'dist/dev';

const functions = watchFunctions('functions', distFolder);
try {
  await Promise.all([functions.rebuild(), buildRouter()]);
} catch (error) {
  say(`The build failed: ${(error as Error).message}`);
  process.exit(1);
}
const api = serve('api', ['dist/router/main.mjs'], { ...env, DIST_FOLDER: distFolder });
await api.listening;
serve('site', ['node_modules/astro/bin/astro.mjs', 'dev', '--root', 'site', '--port', env.SITE_PORT || '8501'], {
  API_URL: `http://127.0.0.1:${env.PORT || 8080}`,
  ...env,
  ASTRO_TELEMETRY_DISABLED: '1',
});

let building = Promise.resolve();
await watchFolders([functionsFolder, migrationsFolder], (paths) => {
  building = building.then(rebuild);
  // One that is saved half written would count as run from then on.
  if (paths.some((path) => path.startsWith(migrationsFolder)))
    building = building.then(() => say('A migration changed. Migrations run at the next start of "npm run dev".'));
});
say('Watching functions/ and functions/lib/database/migrations/ …');

/** A build that fails leaves the old one serving; esbuild has said where it fails. */
async function rebuild(): Promise<void> {
  const begun = Date.now();
  try {
    await functions.rebuild();
  } catch (error) {
    say(`Not rebuilt: ${(error as Error).message.split('\n', 1)[0]}`);
    return;
  }
  say(`Rebuilt in ${Date.now() - begun} ms.`);
  api.kill('SIGHUP');
}
