/** Builds functions again and again while `npm run dev` runs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import * as esbuild from 'esbuild';
import { writeManifest } from './manifest.mjs';

/**
 * Prepares builds in which functions import their shared code from common chunks, so that a build takes as long as one
 * function alone (decision 016). Their content names bundles and chunks, and those of earlier builds stay as they are, because
 * processes that run or start again may import them. esbuild would delete them, so this module writes the files itself.
 * @param {string} out output folder, absolute; its contents are removed
 * @param {{ find(): { name: string, configuration: object }[], options(functions: object[]): esbuild.BuildOptions }} source
 *   `find` is called at each build, and `options` when the set of functions has changed
 * @returns {{ rebuild(): Promise<void>, stop(): Promise<void> }}
 */
export function watchBundles(out, { find, options }) {
  rmSync(out, { recursive: true, force: true });
  /** Paths of the files that are written. */
  const written = new Set();
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
          entryNames: '[dir]/[hash]/[name]',
          chunkNames: '../chunks/[name]-[hash]',
          write: false,
        });
        names = current;
      }
      const { outputFiles } = await context.rebuild();
      for (const { path, contents } of outputFiles) {
        if (written.has(path)) continue;
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, contents);
        written.add(path);
      }
      const bundles = join(out, 'functions');
      const files = outputFiles
        .map(({ path }) => relative(bundles, path))
        .filter((path) => path.endsWith('handler.mjs'));
      writeManifest(
        out,
        functions.map((one) => ({ ...one, file: files.find((file) => file.startsWith(one.name + sep)) })),
      );
    },
    async stop() {
      await context?.dispose();
    },
  };
}
