import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions, buildRouter } from '../../../esbuild.config.mjs';

export const root = join(import.meta.dirname, '../../..');

/** Builds the functions and the router: half a second, so always from scratch. */
export async function buildApi({ quiet = false } = {}): Promise<void> {
  const started = Date.now();
  const [functions] = await Promise.all([buildFunctions(), buildRouter()]);
  if (!quiet) say(`Built ${functions.length} functions and the router in ${Date.now() - started} ms.`);
}

/**
 * Builds the site, unless it is newer than all that it is made of.
 * @throws Error with the build's output
 */
export async function buildSite(): Promise<void> {
  const built = join(root, 'dist/site/main.mjs');
  const sources = [...globSync('site/**/*.*', { cwd: root }), 'package-lock.json'].map((file) => join(root, file));
  if (existsSync(built) && sources.every((file) => statSync(file).mtimeMs < statSync(built).mtimeMs)) return;
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

export async function buildAll(): Promise<void> {
  say('Building …');
  await buildApi();
  await buildSite();
}

/** Progress goes to stderr: stdout is for results. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
