/** What esbuild is told beside its options. Why is told in infra/docs/decisions/015-lean-processes.md. */
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename } from 'node:path';
import { transform } from 'esbuild';

/**
 * Makes packages small. Their code is mapped by file alone, ours line by line: a function process that has to tell where an
 * error came from reads its map and holds it, under aws-lambda-ric from its start; this is five times less of it. And names
 * inside functions of CommonJS are shortened.
 *
 * All other names stay, as error types and stack traces show them. esbuild's keepNames would keep all, and call
 * Object.defineProperty whenever a function is made: an eighth of a request's CPU.
 * @type {import('esbuild').Plugin}
 */
export const smallPackages = {
  name: 'small-packages',
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      // In an ES module esbuild would shorten what stands at its top as well.
      const minifyIdentifiers = !/^(import|export)\b/m.test(source);
      const { code } = await transform(source, { minifyIdentifiers, target: build.initialOptions.target });
      return { contents: mapByFile(path, code) };
    });
  },
};

function mapByFile(path, contents) {
  const map = Buffer.from(JSON.stringify({ version: 3, sources: [basename(path)], mappings: 'AAAA' }));
  return `${contents}\n//# sourceMappingURL=data:application/json;base64,${map.toString('base64')}`;
}

/**
 * ioredis without what no function uses, and quicker to start: its commands, six hundred, are methods of one prototype, and
 * V8 copies the layout of a prototype at each, unless it is a hash table, which it becomes when a property that is not the
 * last is deleted: 1 ms instead of 16, an eighth of a function's start. Cluster and Sentinel are left out, since REDIS_URL
 * names one server.
 * @type {import('esbuild').Plugin}
 */
export const leanRedis = {
  name: 'lean-redis',
  setup(build) {
    build.onLoad({ filter: /[\\/]ioredis[\\/]built[\\/]utils[\\/]Commander\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const place = 'commands.forEach(';
      if (!source.includes(place)) throw new Error(`${path} has no "${place}" any more: see infra/build/plugins.mjs`);
      const toHashTable =
        'Object.assign(Commander.prototype, { a: 0, b: 0 }); delete Commander.prototype.a; delete Commander.prototype.b;';
      return { contents: mapByFile(path, source.replace(place, `${toHashTable}\n${place}`)) };
    });
    build.onLoad(
      { filter: /[\\/]ioredis[\\/]built[\\/](cluster|connectors[\\/]SentinelConnector)[\\/]index\.js$/ },
      () => ({
        contents: 'exports.default = class {};',
      }),
    );
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
