/** Builds functions again and again while `npm run dev` runs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as esbuild from 'esbuild';
import { writeManifest } from './manifest.mjs';

/**
 * Prepares builds in which functions import their shared code from common chunks, so that a build takes as long as one
 * function alone (decision 016). Chunks of earlier builds stay, because processes that still run may import them; esbuild
 * would delete them, so this module writes the files itself.
 * @param {string} out output folder, absolute; its contents are removed
 * @param {{ find(): { name: string, configuration: object }[], options(functions: object[]): esbuild.BuildOptions }} source
 *   `find` is called at each build, and `options` when the set of functions has changed
 * @returns {{ rebuild(): Promise<void>, stop(): Promise<void> }}
 */
export function watchBundles(out, { find, options }) {
  rmSync(out, { recursive: true, force: true });
  /** Hash by path of the files that this build has written. */
  let written = new Map();
  let context;
  let names = '';

  return {
    async rebuild() {
      const functions = find();
      const current = functions.map(({ name }) => name).join();
      if (current !== names) {
        await context?.dispose();
        context = await esbuild.context({
          ...options(functions),
          splitting: true,
          chunkNames: '../chunks/[name]-[hash]',
          write: false,
        });
        names = current;
        // writeManifest removes the bundles of functions that are gone: they have to be written when they come back.
        written = new Map();
      }
      const { outputFiles } = await context.rebuild();
      for (const { path, hash, contents } of outputFiles) {
        if (written.get(path) === hash) continue;
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, contents);
        written.set(path, hash);
      }
      writeManifest(
        out,
        functions.map((one) => ({ ...one, file: 'handler.mjs' })),
      );
    },
    async stop() {
      await context?.dispose();
    },
  };
}
