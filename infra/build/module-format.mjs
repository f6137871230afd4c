/** Decides which kind of module a function's bundle becomes. */
import * as esbuild from 'esbuild';

/**
 * Tells whether a function needs an ES module, because it uses top-level await or import.meta.url. Every other function
 * becomes CommonJS, because V8 can keep the compiled code of a script after it ran, and of a module only before
 * (decision 015).
 * @param {esbuild.BuildOptions} options for a CommonJS bundle of the one function
 */
export async function needsEsModule(options) {
  try {
    await esbuild.build({ ...options, packages: 'external', sourcemap: false, write: false, logLevel: 'silent' });
    return false;
  } catch {
    return true;
  }
}
