/**
 * Bundles each function by itself, and the router, into dist/:
 *
 *     dist/functions/<name>/handler.cjs   one bundle a function, as it is deployed; handler.mjs when only an ES module can
 *                                         have what it does
 *     dist/functions.json                 the manifest: every function.json, all that the router knows of functions
 *     dist/router/main.mjs, program.cjs   the function host
 *     dist/router/bootstrap.cjs           the client that runs inside each function process
 *     dist/router/ric.mjs                 starts AWS's client in the place of ours
 *
 * `node esbuild.config.mjs` builds all of it; the functions below are for the scripts.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { findFunctions as findFunctionsBelow } from './infra/build/functions.mjs';
import { builtins, leanRedis, smallPackages } from './infra/build/plugins.mjs';

const root = dirname(fileURLToPath(import.meta.url));

/**
 * What is not bundled: better-sqlite3, which is native, and what Knex and lambda-api would load on demand and is not
 * installed: the other dialects' drivers, and the S3 client for files, which Lambda's own image has. The other dialects
 * themselves, which Knex's list of them names by relative path, would be a fifth of each bundle.
 */
const external = [
  '@aws-sdk/client-s3',
  '@aws-sdk/s3-request-presigner',
  'better-sqlite3',
  'mariadb',
  'mariadb/callback',
  'mysql',
  'mysql2',
  'oracledb',
  'pg',
  'pg-native',
  'pg-query-stream',
  'sqlite3',
  'tedious',
  ...[
    'cockroachdb',
    'mariadb',
    'mssql',
    'mysql',
    'mysql2',
    'oracle',
    'oracledb',
    'pgnative',
    'postgres',
    'redshift',
  ].map((dialect) => `./${dialect}`),
];

/** In functions: loaded when it is used, not when ioredis is. */
const alias = { tls: './functions/lib/cache/redis/lazy-tls.ts' };

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  // Stack traces need positions only.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  external,
  plugins: [builtins, leanRedis],
};

/**
 * CommonJS: of it, other than of ES modules, the code can be kept that V8 compiled while it ran (infra/v8/code-cache.ts).
 * @type {esbuild.BuildOptions}
 */
const commonJs = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  // What is left of import.meta would be undefined.
  logOverride: { 'empty-import-meta': 'error' },
};

/**
 * The CommonJS packages inside it need a `require`.
 * @type {esbuild.BuildOptions}
 */
const esModule = {
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

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
 * @param {esbuild.Plugin[]} [plugins] for builds that differ from what is deployed
 */
export async function buildFunctions(folder = 'functions', out = 'dist', plugins = []) {
  const found = findFunctions(folder);
  const formats = await Promise.all(found.map(formatOf));
  for (const format of [commonJs, esModule]) {
    const options = functionOptions(
      found.filter((_, index) => formats[index] === format),
      out,
      format,
    );
    await esbuild.build({ ...options, plugins: [...common.plugins, smallPackages, ...plugins] });
  }
  writeManifest(found, formats, out);
  return found;
}

/**
 * For builds again and again: what functions share is bundled once, into chunks that their bundles import, so that a build
 * takes as long as one function alone. Bundles are ES modules, which esbuild can split, and packages are mapped like our own
 * code, which is quicker. Chunks of earlier builds stay: processes that still run may import them yet. esbuild would delete
 * them, and all of them after a build that fails.
 * @returns {{ rebuild(): Promise<void>, stop(): Promise<void> }}
 */
export function watchFunctions(folder = 'functions', out = 'dist/dev') {
  rmSync(resolve(root, out), { recursive: true, force: true });
  /** Hashes of the files that are there, by their paths. */
  let written = new Map();
  let context;
  let names = '';

  return {
    async rebuild() {
      const found = findFunctions(folder);
      const current = found.map(({ name }) => name).join();
      if (current !== names) {
        await context?.dispose();
        context = await esbuild.context({
          ...functionOptions(found, out, esModule),
          minifyWhitespace: false,
          splitting: true,
          chunkNames: '../chunks/[name]-[hash]',
          write: false,
        });
        names = current;
        // The bundles of functions that are gone are removed.
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
        found,
        found.map(() => esModule),
        out,
      );
    },
    async stop() {
      await context?.dispose();
    },
  };
}

/** CommonJS where that can have what the function does: a top-level await and import.meta.url only an ES module can. */
async function formatOf({ folder }) {
  try {
    await esbuild.build({
      ...common,
      ...commonJs,
      entryPoints: [join(folder, 'handler.ts')],
      packages: 'external',
      sourcemap: false,
      write: false,
      logLevel: 'silent',
    });
    return commonJs;
  } catch {
    return esModule;
  }
}

/** @returns {esbuild.BuildOptions} */
function functionOptions(found, out, format) {
  return {
    ...common,
    ...format,
    alias,
    outdir: join(out, 'functions'),
    entryPoints: found.map(({ name, folder }) => ({ in: join(folder, 'handler.ts'), out: join(name, 'handler') })),
  };
}

/** Bundles the function host and the runtime client that it starts functions with. */
export async function buildRouter() {
  const options = { ...common, minifyWhitespace: false, outdir: 'dist/router' };
  await Promise.all([
    esbuild.build({
      ...options,
      ...commonJs,
      entryPoints: [
        { in: 'infra/router/program.ts', out: 'program' },
        { in: 'infra/runtime-client/node/main.ts', out: 'bootstrap' },
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

/** Written beside and renamed, so that a router that reads it never sees half a file. */
function writeManifest(found, formats, out) {
  keepOnly(
    resolve(root, out, 'functions'),
    found.map(({ name }) => name),
  );
  const manifest = found.map(({ name, configuration }, index) => {
    const code = `functions/${name}`;
    const file = `handler${formats[index].outExtension['.js']}`;
    keepOnly(resolve(root, out, code), [file, `${file}.map`]);
    const bundle = readFileSync(resolve(root, out, code, file));
    return { name, ...configuration, code, codeSha256: createHash('sha256').update(bundle).digest('base64') };
  });
  const file = resolve(root, out, 'functions.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Removes what earlier builds have left. */
function keepOnly(folder, names) {
  for (const name of readdirSync(folder)) {
    if (!names.includes(name)) rmSync(join(folder, name), { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [found] = await Promise.all([buildFunctions(), buildRouter()]);
  process.stderr.write(`Built ${found.length} functions and the router into dist/.\n`);
}
