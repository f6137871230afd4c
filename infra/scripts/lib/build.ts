/** Builds what the other scripts run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { buildFunctions, buildLambda, buildRouter } from '../../../esbuild.config.mjs';
import { printableText } from '../../http/printable.ts';

/** The project's root. */
export const root = join(import.meta.dirname, '../../..');

/** Builds the functions and the router, from scratch each time because that takes half a second. */
export async function buildApi(): Promise<void> {
  const startedAt = Date.now();
  const [functions] = await Promise.all([buildFunctions(), buildRouter(), buildLambda()]);
  say(`Built ${functions.length} functions and the router in ${Date.now() - startedAt} ms.`);
}

/** Builds the functions and the router unless the build is newer than its sources. */
export async function ensureApi(): Promise<void> {
  if (
    !isFresh('dist/functions.json', [
      'functions/**/*.{ts,json}',
      'infra/{aws/lambda,build,http,router,runtime-client,v8,wire}/**/*.{ts,mjs,json}',
    ])
  )
    await buildApi();
}

/** Builds the router unless the build is newer than its sources. */
export async function ensureRouter(): Promise<void> {
  if (!isFresh('dist/router/packages.cjs', ['infra/{router,runtime-client,v8,wire,http}/**/*.{ts,json}']))
    await buildRouter();
}

/**
 * Builds the site unless the build is newer than its sources.
 * @throws Error with the output of the build
 */
export async function buildSite(): Promise<void> {
  if (isFresh('dist/site/main.mjs', ['site/**/*.*', '{functions/lib,infra/http}/**/*.ts'])) return;
  const startedAt = Date.now();
  const astro = spawn(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build', '--root', 'site', '--silent'], {
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
  say(`Built the site in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
}

/** Tells whether an output is newer than its sources and than the files that all builds depend on. */
function isFresh(output: string, sources: string[]): boolean {
  const file = join(root, output);
  if (!existsSync(file)) return false;
  const builtAt = statSync(file).mtimeMs;
  const inputs = globSync([...sources, 'package-lock.json', 'esbuild.config.mjs'], { cwd: root });
  return inputs.every((input) => statSync(join(root, input)).mtimeMs < builtAt);
}

/** Builds functions, router and site. */
export async function buildAll(): Promise<void> {
  say('Building …');
  await buildApi();
  // esbuild's process would keep some 400 MB for as long as this one runs.
  await stop();
  await buildSite();
}

/** Prints progress on stderr, because stdout is for results. Paths and sources in it may hold control characters, which it escapes. */
export function say(message: string): void {
  process.stderr.write(`${printableText(message)}\n`);
}
