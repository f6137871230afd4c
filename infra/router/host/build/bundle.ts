/** Bundles one function with esbuild, as the tools that deploy to Lambda do. */
import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Message } from 'esbuild';
import { decoratorTypes } from './decorator-types.ts';
import { layerFiles } from './layer-files.ts';
import type { BundleFile } from './task-root.ts';

/** The facts about a function that a bundler needs. */
export interface BundleSource {
  /** Absolute path of the handler's file. */
  file: string;
  /** Path below the task root without extension, such as "src/app". */
  module: string;
  /** Absolute path of the project, where relative paths in `buildOptions` start. */
  folder: string;
  /** Shortens an absolute path for messages. */
  showPath(path: string): string;
  /** Major version of Node.js in the function's runtime. */
  nodeMajor: number;
  buildOptions: Record<string, unknown>;
  /** Absolute paths of layers. */
  layers: string[];
}

/** A bundle, and the files that it was made from. */
export interface Bundle {
  files: [BundleFile, ...BundleFile[]];
  /** SHA-256 in base64. */
  sha256: string;
  /** Absolute paths. */
  inputs: string[];
  /** One line each. */
  warnings: string[];
}

/** The code of a function does not build. Each message is one line, with its place. */
export class BundleError extends Error {
  override name = 'BundleError';
  readonly messages: string[];

  constructor(messages: string[]) {
    super(messages.join('\n'));
    this.messages = messages;
  }
}

/** Options of esbuild that a project may set. The host decides about the others: input, output and source maps. */
export const supportedBuildOptions = [
  ...[
    'external',
    'loader',
    'define',
    'format',
    'target',
    'mainFields',
    'conditions',
    'banner',
    'footer',
    'alias',
    'inject',
  ],
  ...[
    'minify',
    'minifySyntax',
    'minifyWhitespace',
    'minifyIdentifiers',
    'keepNames',
    'treeShaking',
    'drop',
    'dropLabels',
  ],
  ...[
    'pure',
    'packages',
    'resolveExtensions',
    'tsconfig',
    'tsconfigRaw',
    'jsx',
    'jsxFactory',
    'jsxFragment',
    'jsxImportSource',
  ],
  ...['charset', 'legalComments', 'platform', 'logOverride', 'ignoreAnnotations', 'preserveSymlinks', 'supported'],
];

/** An ES module has no `require`, but CommonJS packages in the bundle call it. */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; globalThis.require ??= __createRequire(import.meta.url);";

/** How esbuild's error says that a module needs the other format: for top-level await, and for import.meta. */
const needsEsModule = /"cjs" output format/;

type Format = 'cjs' | 'esm';

/** How esbuild's notes name an import that code makes at run time, and may do without. */
const atRunTime = /"(require|import)" call|"\.catch\(\)"/;

/** Bundles a function again and again; each time esbuild reads only the files that have changed. */
export class Bundler {
  readonly #source: BundleSource;
  readonly #outputFolder: string;
  /** The format of the last build, which the next one tries first. */
  #format: Format;
  #context: BuildContext<BuildOptions & { write: false; metafile: true }> | undefined;
  /** Packages that others may use and that are not installed. Code that needs one fails when it asks for it. */
  readonly #missing = new Set<string>();

  /** @param outputFolder absolute path; source maps lead to the sources from any folder beside it */
  constructor(source: BundleSource, outputFolder: string) {
    this.#source = source;
    this.#outputFolder = outputFolder;
    // A module that CommonJS can't express becomes an ES module, unless the project asks for CommonJS.
    this.#format = source.buildOptions.format === 'esm' ? 'esm' : 'cjs';
  }

  /** @throws {BundleError} when the code does not build */
  async build(): Promise<Bundle> {
    try {
      return this.#bundleOf(await this.#rebuild());
    } catch (error) {
      const { errors } = error as BuildFailure;
      if (errors === undefined) throw new BundleError([(error as Error).message]);
      if (!this.#canAvoid(errors)) throw new BundleError(errors.map((message) => this.#lineOf(message)));
    }
    await this.stop();
    return this.build();
  }

  /** Forgets what esbuild keeps for the next build. */
  async stop(): Promise<void> {
    await this.#context?.dispose();
    this.#context = undefined;
  }

  /** @returns whether another build can succeed, with the other format or without packages that are optional */
  #canAvoid(errors: Message[]): boolean {
    if (errors.every(({ text }) => needsEsModule.test(text))) {
      if (this.#source.buildOptions.format !== undefined || this.#format === 'esm') return false;
      this.#format = 'esm';
      return true;
    }
    const optional = errors.map(optionalPackage);
    if (optional.some((path) => path === undefined || this.#missing.has(path))) return false;
    for (const path of optional) this.#missing.add(path as string);
    return true;
  }

  async #rebuild() {
    if (this.#context === undefined) {
      // Projects of plain JavaScript never load esbuild.
      const { context } = await import('esbuild');
      this.#context = await context(this.#options());
    }
    return this.#context.rebuild();
  }

  #options(): BuildOptions & { write: false; metafile: true } {
    const { file, module, folder, nodeMajor, buildOptions, layers } = this.#source;
    const { banner, external, logOverride, ...own } = Object.fromEntries(
      Object.entries(buildOptions).filter(([name]) => supportedBuildOptions.includes(name)),
    ) as BuildOptions;
    const isEsModule = this.#format === 'esm';
    return {
      platform: 'node',
      target: `node${nodeMajor}`,
      ...own,
      absWorkingDir: folder,
      entryPoints: [{ in: file, out: module }],
      outdir: this.#outputFolder,
      outExtension: { '.js': isEsModule ? '.mjs' : '.js' },
      bundle: true,
      format: this.#format,
      banner: { ...banner, js: [isEsModule && requireBanner, banner?.js].filter(Boolean).join('\n') },
      // Lambda's image has the SDK.
      external: ['@aws-sdk/*', ...(external ?? []), ...this.#missing],
      nodePaths: packageFolders(layers, nodeMajor),
      plugins: [layerFiles(layers), decoratorTypes(resolve(folder, own.tsconfig ?? dirname(file)))],
      sourcemap: 'linked',
      sourcesContent: false,
      logLevel: 'silent',
      logOverride: { 'empty-import-meta': 'error', ...logOverride },
      write: false,
      metafile: true,
    };
  }

  #bundleOf({ outputFiles, metafile, warnings }: BuildResult<{ write: false; metafile: true }>): Bundle {
    const hash = createHash('sha256');
    const files = outputFiles.map(({ path, contents }) => ({ path: relative(this.#outputFolder, path), contents }));
    // The module itself comes first.
    files.sort(
      (one, other) => Number(isModule(other, this.#source.module)) - Number(isModule(one, this.#source.module)),
    );
    for (const { path, contents } of files) hash.update(`${path}\0`).update(contents);
    return {
      files: files as Bundle['files'],
      sha256: hash.digest('base64'),
      inputs: Object.keys(metafile.inputs).map((path) => resolve(this.#source.folder, path)),
      warnings: warnings.map((message) => this.#lineOf(message)),
    };
  }

  /** @returns "file:line: text" */
  #lineOf({ text, location }: Message): string {
    const { folder, showPath } = this.#source;
    const place = location ? `${showPath(resolve(folder, location.file))}:${location.line}: ` : '';
    const path = missingPackage(text);
    if (path === undefined) return `${place}${text}`;
    const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
    return `${place}the package "${name}" is not installed: npm install ${name}`;
  }
}

/**
 * @param layers absolute paths, in the order of the function's settings; later layers win
 * @param nodeMajor major version of Node.js in the function's runtime
 * @returns the folders of their packages, as in Lambda's NODE_PATH
 */
export function packageFolders(layers: string[], nodeMajor: number): string[] {
  const paths = [`nodejs/node${nodeMajor}/node_modules`, 'nodejs/node_modules'];
  return layers.toReversed().flatMap((layer) => paths.map((path) => join(layer, path)));
}

const isModule = ({ path }: BundleFile, module: string) =>
  /^\.m?js$/.test(path.replaceAll('\\', '/').slice(module.length));

/** @returns the path of a package that esbuild did not find, undefined for any other error */
function missingPackage(text: string): string | undefined {
  return /^Could not resolve "([^./#"][^"]*)"$/.exec(text)?.[1];
}

/** @returns the path of a package that an installed package asks for at run time only, undefined for any other error */
function optionalPackage({ text, location, notes }: Message): string | undefined {
  const isOfPackage = /(^|[\\/])node_modules[\\/]/.test(location?.file ?? '');
  return isOfPackage && notes.some((note) => atRunTime.test(note.text)) ? missingPackage(text) : undefined;
}
