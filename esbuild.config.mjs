/**
 * Bundles each function by itself, and the router, into dist/:
 *
 *     dist/functions/<name>/handler.mjs   one bundle a function, as it is deployed
 *     dist/functions.json                 the manifest: every function.json, all that the router knows of functions
 *     dist/router/main.mjs, bootstrap.mjs the function host and the client that runs inside each function process
 *
 * `node esbuild.config.mjs` builds once; `build()` is for the scripts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));

/** Knex asks for every dialect's driver; only better-sqlite3 is installed, and it is native: none is bundled. */
const external = [
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
];

/** CommonJS packages inside an ES module bundle need a `require`. */
const banner = {
  js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);",
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
  legalComments: 'none',
  logLevel: 'warning',
  external,
  banner,
};

/**
 * The functions in a folder: every sub-folder that has a function.json.
 * @param {string} folder relative to the root
 * @returns {{ name: string, folder: string, configuration: object }[]}
 */
export function findFunctions(folder = 'functions') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, folder, entry.name, 'function.json')))
    .map(({ name }) => {
      const file = join(folder, name, 'function.json');
      try {
        return { name, folder: join(folder, name), configuration: JSON.parse(readFileSync(join(root, file), 'utf8')) };
      } catch (error) {
        throw new Error(`${file}: ${error.message}`);
      }
    });
}

/**
 * Builds the functions of a folder and the router.
 * @param {{ functions?: string, out?: string }} [options] source folder of the functions; output folder
 */
export async function build({ functions = 'functions', out = 'dist' } = {}) {
  const found = findFunctions(functions);
  rmSync(join(root, out, 'functions'), { recursive: true, force: true });
  await Promise.all([
    esbuild.build({
      ...common,
      outdir: join(out, 'functions'),
      entryPoints: found.map(({ name, folder }) => ({ in: join(folder, 'handler.ts'), out: join(name, 'handler') })),
    }),
    esbuild.build({
      ...common,
      outdir: join(out, 'router'),
      entryPoints: [
        { in: 'infra/router/main.ts', out: 'main' },
        { in: 'infra/router/runtime/bootstrap/main.ts', out: 'bootstrap' },
      ],
    }),
  ]);
  writeManifest(found, out);
  return found;
}

/** Written beside and renamed, so that a router that watches it never reads half a file. */
function writeManifest(found, out) {
  const file = join(root, out, 'functions.json');
  const manifest = found.map(({ name, configuration }) => ({ name, ...configuration, code: `functions/${name}` }));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await build();
  process.stderr.write(`Built ${found.length} functions and the router into dist/.\n`);
}
