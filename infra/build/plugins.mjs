/** What esbuild is told beside its options. Why is told in infra/decisions/015-lean-processes.md. */
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename } from 'node:path';

/**
 * Maps our own code line by line, and packages by file alone: a function process that has to tell where an error came from
 * reads its map and holds it, under aws-lambda-ric from its start; this is five times less of it.
 * @type {import('esbuild').Plugin}
 */
export const mapPackagesByFile = {
  name: 'map-packages-by-file',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: mapByFile(path, await readFile(path, 'utf8')),
      loader: 'default',
    }));
  },
};

function mapByFile(path, contents) {
  const map = Buffer.from(JSON.stringify({ version: 3, sources: [basename(path)], mappings: 'AAAA' }));
  return `${contents}\n//# sourceMappingURL=data:application/json;base64,${map.toString('base64')}`;
}

/**
 * ioredis gives one prototype a method for each of Redis' commands, six hundred. V8 copies the layout of a prototype at
 * each, unless it is a hash table, which it becomes when a property that is not the last is deleted: 1 ms instead of 16,
 * an eighth of a function's start.
 * @type {import('esbuild').Plugin}
 */
export const quickCommands = {
  name: 'quick-commands',
  setup(build) {
    build.onLoad({ filter: /[\\/]ioredis[\\/]built[\\/]utils[\\/]Commander\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const place = 'commands.forEach(';
      if (!source.includes(place)) throw new Error(`${path} has no "${place}" any more: see infra/build/plugins.mjs`);
      const toHashTable =
        'Object.assign(Commander.prototype, { a: 0, b: 0 }); delete Commander.prototype.a; delete Commander.prototype.b;';
      return { contents: mapByFile(path, source.replace(place, `${toHashTable}\n${place}`)) };
    });
  },
};

/**
 * Node's own modules as CommonJS has them. Imported as ES modules each of them reads all that it exports, and some of that
 * is loaded when it is read, such as undici by node:http: a quarter of the router's start, and 6 MB. For the same reason
 * an import takes its names from here and not from esbuild, which would copy them all.
 * @type {import('esbuild').Plugin}
 */
export const builtins = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      // An alias is esbuild's to resolve.
      if (!isBuiltin(path) || path in (build.initialOptions.alias ?? {})) return undefined;
      return { path, namespace: kind === 'import-statement' ? 'builtin-import' : 'builtin', sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    build.onLoad({ filter: /.*/, namespace: 'builtin-import' }, ({ path }) => ({ contents: builtinAsModule(path) }));
  },
};

/** What is not imported from it esbuild leaves out. */
function builtinAsModule(path) {
  const names = Object.keys(process.getBuiltinModule(path)).filter((name) => name !== 'default');
  return [
    `const builtin = process.getBuiltinModule(${JSON.stringify(path)});`,
    'export default builtin;',
    ...names.map((name) => `const $${name} = /* @__PURE__ */ (() => builtin.${name})();`),
    `export { ${names.map((name) => `$${name} as ${name}`).join(', ')} };`,
  ].join('\n');
}
