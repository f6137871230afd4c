/**
 * Compiles TypeScript whose decorators need types at run time, as NestJS and TypeORM do. esbuild leaves these types out, so the
 * project's own TypeScript compiles such files.
 * @see https://esbuild.github.io/content-types/#typescript-caveats
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import type { CompilerOptions } from 'typescript';

type TypeScript = typeof import('typescript');

/**
 * Makes a plugin that does nothing unless the project's tsconfig.json has `emitDecoratorMetadata`.
 * @param start absolute path of tsconfig.json, or of the folder from which to look for it upwards
 */
export function decoratorTypes(start: string): Plugin {
  return {
    name: 'decorator-types',
    setup(build) {
      const file = statSync(start, { throwIfNoEntry: false })?.isFile() ? start : findTsconfig(start);
      if (file === undefined || !asksForTypes(file)) return;
      const typescript = loadTypeScript(file);
      if (typescript === undefined) {
        const text =
          'emitDecoratorMetadata in tsconfig.json needs TypeScript up to version 6: npm install typescript@6';
        build.onEnd(() => ({ warnings: [{ text }] }));
        return;
      }
      const compilerOptions = readOptions(typescript, file);
      const compiled = new Set<string>();
      // The packages that other files import. "require" could lead to copies of them.
      build.onResolve({ filter: /./ }, ({ path, kind, importer, resolveDir }) =>
        kind === 'require-call' && compiled.has(importer)
          ? build.resolve(path, { kind: 'import-statement', importer, resolveDir })
          : undefined,
      );
      build.onLoad({ filter: /\.[cm]?tsx?$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (/[\\/]node_modules[\\/]/.test(path) || !/^\s*@\w/m.test(source)) return undefined;
        compiled.add(path);
        const { outputText } = typescript.transpileModule(source, { fileName: path, compilerOptions });
        return { contents: outputText, loader: path.endsWith('x') ? 'jsx' : 'js' };
      });
    },
  };
}

function findTsconfig(folder: string): string | undefined {
  const file = join(folder, 'tsconfig.json');
  if (existsSync(file)) return file;
  return dirname(folder) === folder ? undefined : findTsconfig(dirname(folder));
}

/** Looks without TypeScript, whose loading takes a third of a second, which most projects need not wait. */
function asksForTypes(tsconfig: string): boolean {
  const text = readFileSync(tsconfig, 'utf8');
  if (/"emitDecoratorMetadata"\s*:\s*true/.test(text)) return true;
  const [, base] = /"extends"\s*:\s*"([^"]+)"/.exec(text) ?? [];
  if (base === undefined) return false;
  const paths = [base, `${base}.json`, `${base}/tsconfig.json`];
  const file = base.startsWith('.')
    ? paths
        .map((path) => resolve(dirname(tsconfig), path))
        .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    : paths.map((path) => find(tsconfig, path)).find((path) => path !== undefined);
  return file !== undefined && file !== tsconfig && asksForTypes(file);
}

/** @returns TypeScript with the interface that compiles one file, which version 7 does not have */
function loadTypeScript(tsconfig: string): TypeScript | undefined {
  const file = find(tsconfig, 'typescript');
  const typescript: Partial<TypeScript> | undefined = file === undefined ? undefined : createRequire(file)(file);
  return typescript?.transpileModule ? (typescript as TypeScript) : undefined;
}

function find(from: string, path: string): string | undefined {
  try {
    return createRequire(from).resolve(path);
  } catch {
    return undefined;
  }
}

/**
 * Chooses CommonJS: a parameter's type may be an interface, whose import from an ES module would be an error. There it is
 * undefined, and the metadata says Object.
 */
function readOptions(typescript: TypeScript, file: string): CompilerOptions {
  const { config } = typescript.readConfigFile(file, typescript.sys.readFile);
  const { options } = typescript.parseJsonConfigFileContent(config, typescript.sys, dirname(file));
  const { CommonJS } = typescript.ModuleKind;
  return {
    ...options,
    module: CommonJS,
    moduleResolution: undefined,
    verbatimModuleSyntax: false,
    esModuleInterop: options.esModuleInterop ?? options.module !== CommonJS,
    ...{ sourceMap: false, inlineSourceMap: true, inlineSources: false },
  };
}
