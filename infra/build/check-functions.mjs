/** Finds mistakes in functions that esbuild does not see, and that would show only when the function runs. */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import * as esbuild from 'esbuild';

/** Variables that a function's process always has: Lambda's, and a few of the system. */
const alwaysSet = /^(AWS_\w+|LAMBDA_TASK_ROOT|_HANDLER|_X_AMZN_TRACE_ID|NODE_\w+|PATH|HOME|LANG|TZ)$/;

/**
 * Checks that each handler.ts has the export that function.json names, and warns on stderr of environment variables that a
 * function reads and does not get. It says nothing about code that does not build, which the build itself reports.
 * @param {esbuild.BuildOptions} options for bundles of the functions
 * @param {{ folder: string, configuration: object }[]} functions as findFunctions returns them
 * @throws {Error} that names each file without its export
 */
export async function checkFunctions(options, functions) {
  const { metafile } = await esbuild
    .build({ ...options, format: 'esm', packages: 'external', metafile: true, write: false, logLevel: 'silent' })
    .catch(() => ({ metafile: undefined }));
  if (metafile === undefined) return;
  const root = options.absWorkingDir;
  const bundles = new Map(Object.values(metafile.outputs).map((output) => [output.entryPoint, output]));
  const faults = [];
  for (const { folder, configuration } of functions) {
    const file = relative(root, resolve(root, folder, 'handler.ts')).replaceAll('\\', '/');
    const { exports, inputs } = bundles.get(file);
    const { handler = 'handler.handler', environment = [] } = configuration;
    const given = new Set([environment].flat().flatMap((one) => (typeof one === 'string' ? one : Object.keys(one))));
    const name = handler.split('.')[1];
    if (!exports.includes(name) && !exports.includes('default')) {
      faults.push(`${file} must export "${name}", because the handler of the function is "${handler}"`);
    }
    for (const { place, variable } of readVariables(root, Object.keys(inputs))) {
      if (given.has(variable) || alwaysSet.test(variable)) continue;
      const advice = `add it to "environment" in ${folder}/function.json`;
      process.stderr.write(`Warning: ${place} reads ${variable}, which the function does not get: ${advice}\n`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
}

/** Finds `process.env.NAME` in the project's own files. A name that the code computes stays unknown. */
function* readVariables(root, paths) {
  const own = paths.filter((path) => /\.ts$/.test(path) && !path.includes('node_modules/'));
  for (const path of own) {
    for (const [index, line] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
      if (/^\s*(\/\/|\/?\*)/.test(line)) continue;
      for (const [, variable] of line.matchAll(/\bprocess\.env\.([A-Za-z_]\w*)/g)) {
        yield { place: `${path}:${index + 1}`, variable };
      }
    }
  }
}
