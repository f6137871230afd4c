/** Makes modules that no file has, for bundles. */
import { dirname } from 'node:path';

/**
 * Makes a plugin for a module that a function imports by name. Its content is made anew in each build.
 * @param {string} name the module is `virtual:<name>`
 * @param {(folder: string) => import('esbuild').OnLoadResult} load gets the absolute path of the folder of all functions
 * @returns {import('esbuild').Plugin}
 */
export function virtualModule(name, load) {
  return {
    name,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^virtual:${name}$`) }, ({ path, resolveDir }) => ({
        path,
        namespace: name,
        pluginData: dirname(resolveDir),
      }));
      build.onLoad({ filter: /.*/, namespace: name }, ({ pluginData: folder }) => load(folder));
    },
  };
}
