import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectFolder } from '../../../tests/support/project-folder.ts';
import { Bundler, type BundleSource } from './bundle.ts';
import { writeTaskRoot } from './task-root.ts';

/** Bundles src/app.ts of a project. @returns its exports, as a function's process gets them, and the bundle */
async function load(t: TestContext, files: Record<string, string>, source: Partial<BundleSource> = {}) {
  const { folder } = projectFolder(t, files);
  const bundler = new Bundler(
    {
      ...{
        file: join(folder, 'src/app.ts'),
        module: 'src/app',
        folder,
        showPath: (path) => path.slice(folder.length + 1),
      },
      ...{ nodeMajor: 24, buildOptions: {}, layers: [] },
      ...source,
      ...(source.layers && { layers: source.layers.map((layer) => join(folder, layer)) }),
    },
    join(folder, 'out/build'),
  );
  t.after(() => bundler.stop());
  const bundle = await bundler.build();
  const taskRoot = join(folder, 'out/root');
  writeTaskRoot(taskRoot, folder, bundle.files);
  const file = join(taskRoot, bundle.files[0].path);
  const exports = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  return { ...bundle, text: Buffer.from(bundle.files[0].contents).toString(), exports, folder };
}

test("names of Node's modules and of database drivers are the project's own files where it has them", async (t) => {
  const { exports } = await load(t, {
    'src/app.ts':
      "import tls from 'tls'; import { own } from './postgres'; import { Cluster } from 'ioredis'; export const all = [typeof tls.connect, own, new Cluster().nodes];",
    // Of the sources, not of the bundle.
    'package.json': '{"type": "module"}',
    'src/postgres.ts': "export const own: string = 'own';",
    'node_modules/ioredis/package.json': '{"main": "main.js"}',
    'node_modules/ioredis/main.js': 'exports.Cluster = class { nodes = 3; };',
  });
  assert.deepEqual(exports.all, ['function', 'own', 3]);
});

test('top-level await and import.meta make an ES module, in which CommonJS packages work', async (t) => {
  const files = { 'node_modules/old/index.js': "const { sep } = require('node:path'); exports.sep = sep;" };
  const awaiting = await load(t, {
    ...files,
    'src/app.ts': "import { sep } from 'old'; export const all = [await sep];",
  });
  assert.deepEqual([awaiting.files[0].path, awaiting.exports.all], ['src/app.mjs', ['/']]);
  const meta = await load(t, { 'src/app.ts': 'const __dirname = import.meta.dirname; export const all = __dirname;' });
  assert.equal(meta.exports.all, join(meta.folder, 'out/root/src'));
});

test("the project's options of esbuild hold, and others are left out", async (t) => {
  const buildOptions = {
    define: { VERSION: '"1.2"' },
    loader: { '.txt': 'text' },
    external: ['away'],
    watch: true,
    outfile: 'x',
  };
  const files = {
    'src/app.ts':
      "import text from './a.txt'; export const all = [VERSION, text, () => require('away')]; declare const VERSION: string;",
    'src/a.txt': 'a',
  };
  const { exports, text } = await load(t, files, { buildOptions });
  assert.deepEqual(exports.all.slice(0, 2), ['1.2', 'a']);
  assert.match(text, /require\("away"\)/);
});

test('the SDK stays outside of the bundle', async (t) => {
  const { text } = await load(t, { 'src/app.ts': "export const load = () => import('@aws-sdk/client-s3');" });
  assert.match(text, /import\("@aws-sdk\/client-s3"\)/);
});

test('packages and files of layers are found, those of the last layer first', async (t) => {
  const { exports } = await load(
    t,
    {
      'src/app.ts':
        "import { word } from 'shared'; import { file } from '/opt/nodejs/file'; export const all = [word, file];",
      'one/nodejs/node_modules/shared/index.js': "exports.word = 'one';",
      'two/nodejs/node_modules/shared/index.js': "exports.word = 'two';",
      'one/nodejs/file.js': "exports.file = 'file';",
    },
    { layers: ['one', 'two'] },
  );
  assert.deepEqual(exports.all, ['two', 'file']);
});

test('the same code has the same hash, and names the files that it came from', async (t) => {
  const files = { 'src/app.ts': "export { one } from './one';", 'src/one.ts': 'export const one = 1;' };
  const [first, second] = [await load(t, files), await load(t, files)];
  assert.equal(first.sha256, second.sha256);
  assert.deepEqual(
    first.inputs.toSorted(),
    ['src/app.ts', 'src/one.ts'].map((path) => join(first.folder, path)),
  );
  const other = await load(t, { ...files, 'src/one.ts': 'export const one = 2;' });
  assert.notEqual(other.sha256, first.sha256);
});

test('code that does not build is named with its place, and a missing package with its command', async (t) => {
  const fails = (code: string, message: string) =>
    assert.rejects(load(t, { 'src/app.ts': code }), { name: 'BundleError', message });
  await fails('\nconst = 1;', 'src/app.ts:2: Expected identifier but found "="');
  await fails(
    "import '@scope/name/part';",
    'src/app.ts:1: the package "@scope/name" is not installed: npm install @scope/name',
  );
  await fails("import './away';", 'src/app.ts:1: Could not resolve "./away"');
});

test('a package that another one may use at run time can be missing, and one that it needs can not', async (t) => {
  const optional = `
    const load = (get) => { try { return get(); } catch (error) { return error.code; } };
    exports.all = [load(() => require('absent/part')), import('absent').then(() => 0, () => 1), load(() => require('there'))];`;
  const { exports } = await load(t, {
    'src/app.ts': "export { all } from 'asking';",
    'node_modules/asking/index.js': optional,
    'node_modules/there/index.js': 'module.exports = "there";',
  });
  assert.deepEqual(await Promise.all(exports.all), ['MODULE_NOT_FOUND', 1, 'there']);
  const missing = { name: 'BundleError', message: /:1: the package "absent" is not installed: npm install absent$/ };
  await assert.rejects(load(t, { 'src/app.ts': "export const all = () => require('absent');" }), missing);
  const needing = {
    'src/app.ts': "export { all } from 'needing';",
    'node_modules/needing/index.js': "import 'absent';",
  };
  await assert.rejects(load(t, needing), missing);
});

const decorated = {
  'src/app.ts': `
    import { Service } from './service';
    import { own } from './own';
    import { type Options } from './options';
    import { Library, library } from 'library';
    export const all: unknown[] = [];
    Object.assign(Reflect, {
      metadata: (key: string, types: { name: string }[]) => () => all.push(key, ...types.map(({ name }) => name)),
    });
    const injectable = (target: unknown) => target;
    @injectable
    export class App { constructor(readonly service: Service, other: Options, library: Library) {} }
    export const isOneCopy = library === own;`,
  'src/own.ts': "import { library } from 'library'; export const own = library;",
  'src/options.ts': 'export interface Options {}',
  'node_modules/library/package.json': '{"exports": {"import": "./index.mjs", "require": "./index.js"}}',
  'node_modules/library/index.mjs': 'export const library = {};',
  'node_modules/library/index.js': 'exports.library = {};',
  'src/service.ts': "export class Service { static label = 'service'; }",
  'node_modules/typescript/index.js': `module.exports = require(${JSON.stringify(createRequire(import.meta.url).resolve('typescript'))});`,
};
const metadata = '{ "compilerOptions": { "experimentalDecorators": true, /* types */ "emitDecoratorMetadata": true } }';

test('decorators get the types of parameters if tsconfig.json or its base asks for them', async (t) => {
  const types = ['design:paramtypes', 'Service', 'Object', 'Object'];
  const found = async (files: Record<string, string>) => {
    const { exports } = await load(t, { ...decorated, ...files });
    assert.equal(exports.isOneCopy, true);
    return exports.all;
  };
  assert.deepEqual(await found({ 'tsconfig.json': metadata }), types);
  assert.deepEqual(await found({ 'tsconfig.json': '{"extends": "./base"}', 'base.json': metadata }), types);
  const ofPackage = { 'tsconfig.json': '{"extends": "shared/base"}', 'node_modules/shared/base.json': metadata };
  assert.deepEqual(await found(ofPackage), types);
  const off =
    '{"extends": "./base", "compilerOptions": {"experimentalDecorators": true, "emitDecoratorMetadata": false}}';
  assert.deepEqual(await found({ 'tsconfig.json': off, 'base.json': metadata }), []);
});

test('a project whose decorators need types is told to install TypeScript', async (t) => {
  const { warnings } = await load(t, {
    ...decorated,
    'tsconfig.json': metadata,
    'node_modules/typescript/index.js': 'exports.version = "7.0.0";',
  });
  assert.deepEqual(warnings, [
    'emitDecoratorMetadata in tsconfig.json needs TypeScript up to version 6: npm install typescript@6',
  ]);
});
