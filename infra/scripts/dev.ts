/** `npm run dev`: as `npm start`, and rebuilds and reloads on every save. The site runs in Astro's development server. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { buildRouter, watchFunctions } from '../../esbuild.config.mjs';
import { root, say } from './lib/build.ts';
import { serve } from './lib/serve.ts';

const { env } = process;
const folders = ['functions', 'infra/migrations'];
/** Milliseconds to let an editor finish writing. */
const settle = 20;

const functions = watchFunctions();
try {
  await Promise.all([functions.rebuild(), buildRouter()]);
} catch (error) {
  say(`The build failed: ${(error as Error).message}`);
  process.exit(1);
}
const api = serve('api', ['dist/router/main.mjs'], env);
await api.listening;
serve('site', ['node_modules/astro/bin/astro.mjs', 'dev', '--root', 'site', '--port', env.SITE_PORT || '8501'], {
  API_URL: `http://127.0.0.1:${env.PORT || 8080}`,
  ...env,
  ASTRO_TELEMETRY_DISABLED: '1',
});

let timer: NodeJS.Timeout | undefined;
let changed = new Set<string>();
let building = Promise.resolve();
for (const folder of folders) {
  watch(join(root, folder), { recursive: true }, (_event, file) => {
    if (!file || /\.test\.ts$|~$|\.swp$/.test(file)) return;
    changed.add(join(root, folder, file));
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(rebuild);
    }, settle);
  });
}
say('Watching functions/ and infra/migrations/ …');

/** A build that fails leaves the old one serving; esbuild has said where it fails. */
async function rebuild(): Promise<void> {
  const begun = Date.now();
  const files = changed;
  changed = new Set();
  try {
    await functions.rebuild(files);
  } catch (error) {
    say(`Not rebuilt: ${(error as Error).message.split('\n', 1)[0]}`);
    return;
  }
  say(`Rebuilt in ${Date.now() - begun} ms.`);
  api.kill('SIGHUP');
}
