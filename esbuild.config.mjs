/**
 * Bundles each function by itself, and the router, into dist/:
 *
 *     dist/functions/<name>/handler.mjs   one bundle a function, as it is deployed
 *     dist/functions.json                 the manifest: every function.json, all that the router knows of functions
 *     dist/router/main.mjs, bootstrap.mjs the function host and the client that runs inside each function process
 *     dist/router/ric.mjs                 starts AWS's client in the place of ours
 *
 * `node esbuild.config.mjs` builds all of it; the functions below are for the scripts.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { builtins, mapPackagesByFile, quickCommands } from './infra/build/plugins.mjs';

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
const alias = { tls: './functions/lib/cache/lazy-tls.ts' };

/** CommonJS packages inside an ES module bundle need a `require`. */
const banner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  // Stack traces need positions only.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  external,
  banner,
  plugins: [builtins, quickCommands],
};

/**
 * The functions in a folder: every sub-folder that has a function.json.
 * @param {string} folder relative to the root
 * @returns {{ name: string, folder: string, configuration: object }[]}
 */
export function findFunctions(folder = 'functions') {
  return readdirSync(resolve(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(resolve(root, folder, entry.name, 'function.json')))
    .map(({ name }) => {
      const file = join(folder, name, 'function.json');
      try {
        return {
          name,
          folder: join(folder, name),
          configuration: JSON.parse(readFileSync(resolve(root, file), 'utf8')),
        };
      } catch (error) {
        throw new Error(`${file}: ${error.message}`);
      }
    });
}

/**
 * Bundles the functions of a folder and writes their manifest.
 * @param {string} [folder] relative to the root
 * @param {string} [out] output folder, relative to the root
 * @param {esbuild.Plugin[]} [plugins] for builds that differ from what is deployed
 */
export async function buildFunctions(folder = 'functions', out = 'dist', plugins = []) {
  const found = findFunctions(folder);
  const options = functionOptions(found, out);
  await esbuild.build({ ...options, plugins: [...common.plugins, mapPackagesByFile, ...plugins] });
  writeManifest(found, out);
  return found;
}

/**
 * For builds again and again: keeps what esbuild knows between them, and builds only what a change is part of. Bundles are
 * not minified, and packages mapped like our own code: that is quicker.
 * @returns {{ rebuild(changed?: Set<string>): Promise<void> }} takes absolute paths; without them it builds everything
 */
export function watchFunctions(folder = 'functions', out = 'dist') {
  /** @type {Map<string, { context: esbuild.BuildContext<{ metafile: true }>, inputs: Set<string> }>} */
  const bundles = new Map();

  async function rebuildOne(found, changed) {
    let bundle = bundles.get(found.name);
    if (bundle && changed?.isDisjointFrom(bundle.inputs)) return;
    if (!bundle) {
      const options = { ...functionOptions([found], out), minify: false, metafile: /** @type {const} */ (true) };
      bundle = { context: await esbuild.context(options), inputs: new Set() };
      bundles.set(found.name, bundle);
    }
    const { metafile } = await bundle.context.rebuild();
    bundle.inputs = new Set(Object.keys(metafile.inputs).map((file) => resolve(root, file)));
  }

  return {
    async rebuild(changed) {
      const found = findFunctions(folder);
      const names = new Set(found.map(({ name }) => name));
      for (const [name, { context }] of bundles) {
        if (names.has(name)) continue;
        bundles.delete(name);
        await context.dispose();
      }
      await Promise.all(found.map((each) => rebuildOne(each, changed)));
      writeManifest(found, out);
    },
  };
}

/** @returns {esbuild.BuildOptions} */
function functionOptions(found, out) {
  return {
    ...common,
    alias,
    outdir: join(out, 'functions'),
    entryPoints: found.map(({ name, folder }) => ({ in: join(folder, 'handler.ts'), out: join(name, 'handler') })),
  };
}

/** Bundles the function host and the runtime client that it starts functions with. */
export async function buildRouter() {
  await esbuild.build({
    ...common,
    minify: false,
    outdir: 'dist/router',
    entryPoints: [
      { in: 'infra/router/main.ts', out: 'main' },
      { in: 'infra/router/runtime/bootstrap/main.ts', out: 'bootstrap' },
      { in: 'infra/router/runtime/ric/main.ts', out: 'ric' },
    ],
  });
}

/** Written beside and renamed, so that a router that reads it never sees half a file. */
function writeManifest(found, out) {
  const names = new Set(found.map(({ name }) => name));
  for (const name of readdirSync(resolve(root, out, 'functions'))) {
    if (!names.has(name)) rmSync(resolve(root, out, 'functions', name), { recursive: true });
  }
  const manifest = found.map(({ name, configuration }) => {
    const code = `functions/${name}`;
    const bundle = readFileSync(resolve(root, out, code, 'handler.mjs'));
    return { name, ...configuration, code, codeSha256: createHash('sha256').update(bundle).digest('base64') };
  });
  const file = resolve(root, out, 'functions.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [found] = await Promise.all([buildFunctions(), buildRouter()]);
  process.stderr.write(`Built ${found.length} functions and the router into dist/.\n`);
}
