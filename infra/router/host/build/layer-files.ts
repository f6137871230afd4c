/** Finds files of layers while esbuild bundles a function. */
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Makes a plugin that finds imports such as "/opt/nodejs/text", where Lambda unpacks layers. Later layers win.
 * @param layers absolute paths
 */
export function layerFiles(layers: string[]): Plugin {
  return {
    name: 'layer-files',
    setup(build) {
      if (layers.length === 0) return;
      build.onResolve({ filter: /^\/opt\// }, async ({ path, kind, resolveDir }) => {
        for (const layer of layers.toReversed()) {
          const found = await build.resolve(join(layer, path.slice('/opt/'.length)), { kind, resolveDir });
          if (found.errors.length === 0) return found;
        }
        return undefined;
      });
    },
  };
}
