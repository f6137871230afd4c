/**
 * Bundles each function by itself, and the router, into dist/ with esbuild.
 *
 *     dist/functions/<name>/handler.cjs   one bundle a function, as it is deployed; handler.mjs where the function needs an
 *                                         ES module (infra/build/module-format.mjs)
 *     dist/functions.json                 the manifest: every function.json, all that the router knows of functions
 *     dist/router/main.mjs, program.cjs   the function host
 *     dist/router/bootstrap.cjs           our runtime client, which runs inside each function process
 *     dist/router/packages.cjs            finds layers and the AWS SDK, for the functions of other projects
 *     dist/router/ric.mjs                 starts AWS's runtime client in the place of ours
 *     dist/aws/bootstrap.mjs, migrate.cjs the entry point of the Lambda image, and the function that runs migrations there
 *     dist/commands/<name>.mjs            commands of infra/scripts that the api image brings
 *
 * `node esbuild.config.mjs` builds all of it, and `node esbuild.config.mjs host` the package in infra/router/dist/. Scripts and tests call the exported functions.
 * @see infra/docs/decisions/015-lean-processes.md
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { checkFunctions } from './infra/build/check-functions.mjs';
import { explainErrors } from './infra/build/explain-errors.mjs';
import { findFunctions as findFunctionsBelow } from './infra/build/functions.mjs';
import { guardedRoutes } from './infra/build/guarded-routes.mjs';
import { removeOldBundles, writeManifest } from './infra/build/manifest.mjs';
import { needsEsModule } from './infra/build/module-format.mjs';
import { documentedFunctions } from './infra/build/openapi.mjs';
import { optionalImports } from './infra/build/optional-imports.mjs';
import { watchBundles } from './infra/build/watch.mjs';

const root = import.meta.dirname;

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minifySyntax: true,
  sourcemap: 'linked',
  // Stack traces need positions only.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
};

/** @type {esbuild.BuildOptions} */
const commonJs = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  // Any other use of import.meta would be undefined in CommonJS.
  logOverride: { 'empty-import-meta': 'error' },
};

/** @type {esbuild.BuildOptions} */
const esModule = {
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  // CommonJS packages inside the bundle call `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

/**
 * Options for the bundles of functions. better-sqlite3 is native code and stays a package beside them.
 * @param {{ name: string, folder: string }[]} functions
 * @param {string} out output folder, relative to the root
 * @param {esbuild.BuildOptions} format commonJs or esModule
 * @returns {esbuild.BuildOptions}
 */
function functionOptions(functions, out, format) {
  return {
    ...common,
    ...format,
    external: ['better-sqlite3'],
    plugins: [documentedFunctions, guardedRoutes, optionalImports],
    outdir: join(out, 'functions'),
    entryPoints: functions.map(({ name, folder }) => ({ in: join(folder, 'handler.ts'), out: join(name, 'handler') })),
  };
}

/**
 * Finds the functions of a folder, see infra/build/functions.mjs.
 * @param {string} folder relative to the root
 */
export function findFunctions(folder = 'functions') {
  return findFunctionsBelow(root, folder);
}

/**
 * Bundles the functions of a folder and writes their manifest.
 * @param {string} [folder] relative to the root
 * @param {string} [out] output folder, relative to the root
 * @param {esbuild.Plugin[]} [plugins] for builds that differ from the deployed ones
 * @returns the functions, as findFunctions returns them
 */
export async function buildFunctions(folder = 'functions', out = 'dist', plugins = []) {
  const found = findFunctions(folder);
  await checkFunctions(functionOptions(found, out, esModule), found);
  const formats = await Promise.all(
    found.map(async (one) => ((await needsEsModule(functionOptions([one], out, commonJs))) ? esModule : commonJs)),
  );
  for (const format of [commonJs, esModule]) {
    const functions = found.filter((_, index) => formats[index] === format);
    const options = functionOptions(functions, out, format);
    await esbuild.build({
      ...options,
      minifyWhitespace: true,
      plugins: [...options.plugins, explainErrors, ...plugins],
    });
  }
  const built = found.map((one, index) => ({
    ...one,
    file: join(one.name, `handler${formats[index].outExtension['.js']}`),
  }));
  removeOldBundles(resolve(root, out), built);
  writeManifest(resolve(root, out), built);
  return found;
}

/**
 * Prepares development builds, in which the functions share chunks (decision 016).
 * @param {string} [folder] relative to the root
 * @param {string} [out] output folder, relative to the root; its contents are removed
 * @returns {{ rebuild(): Promise<void>, stop(): Promise<void> }}
 */
export function watchFunctions(folder = 'functions', out = 'dist/dev') {
  const optionsOf = (functions) => functionOptions(functions, out, esModule);
  const { rebuild, stop } = watchBundles(resolve(root, out), {
    find: () => findFunctions(folder),
    options(functions) {
      const options = optionsOf(functions);
      return { ...options, plugins: [...options.plugins, explainErrors] };
    },
  });
  return {
    async rebuild() {
      const found = findFunctions(folder);
      await checkFunctions(optionsOf(found), found);
      await rebuild();
    },
    stop,
  };
}

/**
 * Bundles the function host and the runtime clients that it starts functions with.
 * @param {string} [out] output folder, relative to the root
 */
export async function buildRouter(out = 'dist/router') {
  const options = { ...common, outdir: out, plugins: [explainErrors] };
  await Promise.all([
    esbuild.build({
      ...options,
      ...commonJs,
      entryPoints: [
        { in: 'infra/router/program.ts', out: 'program' },
        { in: 'infra/runtime-client/node/main.ts', out: 'bootstrap' },
        { in: 'infra/runtime-client/packages.ts', out: 'packages' },
      ],
    }),
    esbuild.build({
      ...options,
      ...esModule,
      entryPoints: [
        { in: 'infra/router/main.ts', out: 'main' },
        { in: 'infra/runtime-client/ric/main.ts', out: 'ric' },
      ],
    }),
  ]);
}

/** Bundles the package cadastro-host, for `npm pack` in infra/router. esbuild is a package beside it. */
async function buildHostPackage() {
  await rm(join(root, 'infra/router/dist'), { recursive: true, force: true });
  await Promise.all([
    buildRouter('infra/router/dist'),
    esbuild.build({
      ...common,
      ...esModule,
      outdir: 'infra/router/dist',
      external: ['esbuild'],
      plugins: [explainErrors],
      entryPoints: [{ in: 'infra/router/host/main.ts', out: 'host' }],
    }),
  ]);
}

/** Bundles what only the Lambda image runs. */
export async function buildLambda() {
  const options = {
    ...common,
    outdir: 'dist/aws',
    external: ['better-sqlite3'],
    minifyWhitespace: true,
    plugins: [optionalImports, explainErrors],
  };
  await Promise.all([
    esbuild.build({
      ...options,
      ...esModule,
      entryPoints: [{ in: 'infra/aws/lambda/bootstrap.ts', out: 'bootstrap' }],
    }),
    esbuild.build({ ...options, ...commonJs, entryPoints: [{ in: 'infra/aws/lambda/migrate.ts', out: 'migrate' }] }),
  ]);
}

/** Bundles the commands that need the data, for the image, which has no scripts and no packages for them. */
async function buildCommands() {
  await esbuild.build({
    ...common,
    ...esModule,
    banner: { js: `#!/usr/bin/env node\n${esModule.banner.js}` },
    outdir: 'dist/commands',
    external: ['better-sqlite3'],
    plugins: [optionalImports, explainErrors],
    entryPoints: ['backup', 'restore', 'move', 'erase', 'people', 'keys'].map((name) => `infra/scripts/${name}.ts`),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'host') await buildHostPackage();
  else await buildAll();
}

async function buildAll() {
  const [found] = await Promise.all([buildFunctions(), buildRouter(), buildLambda(), buildCommands()]);
  process.stderr.write(`Built ${found.length} functions and the router into dist/.\n`);
}
