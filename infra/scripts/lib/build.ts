import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions, buildRouter } from '../../../esbuild.config.mjs';

export const root = join(import.meta.dirname, '../../..');

/** Builds the functions and the router. The build takes half a second, so it always begins from scratch. */
export async function buildApi(): Promise<void> {
  const started = Date.now();
  const [functions] = await Promise.all([buildFunctions(), buildRouter()]);
  say(`Built ${functions.length} functions and the router in ${Date.now() - started} ms.`);
}

/** Builds the functions and the router, unless the last build is newer than all of their sources. */
export async function ensureApi(): Promise<void> {
  if (
    !isFresh('dist/functions.json', [
      'functions/**/*.{ts,json}',
      'infra/{build,router,runtime-client,v8,wire}/**/*.{ts,mjs,json}',
    ])
  )
    await buildApi();
}

/**
 * Builds the site, unless the last build is newer than all of its sources.
 * @throws Error with the build's output
 */
export async function buildSite(): Promise<void> {
  if (isFresh('dist/site/main.mjs', ['site/**/*.*'])) return;
  const started = Date.now();
  const astro = spawn('astro', ['build', '--root', 'site', '--silent'], {
    cwd: root,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [astro.stdout, astro.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const [code] = await once(astro, 'exit');
  if (code !== 0) throw new Error(`the site does not build:\n${output}`);
  say(`Built the site in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** @returns whether an output is newer than its sources, package-lock.json and esbuild.config.mjs */
function isFresh(output: string, sources: string[]): boolean {
  const file = join(root, output);
  if (!existsSync(file)) return false;
  const built = statSync(file).mtimeMs;
  const inputs = globSync([...sources, 'package-lock.json', 'esbuild.config.mjs'], { cwd: root });
  return inputs.every((input) => statSync(join(root, input)).mtimeMs < built);
}

export async function buildAll(): Promise<void> {
  say('Building …');
  await buildApi();
  await buildSite();
}

/** Prints a message about progress to stderr, because stdout is for results. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
