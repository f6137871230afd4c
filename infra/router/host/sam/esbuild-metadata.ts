/**
 * Reads how `sam build` bundles a function with esbuild.
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
 */
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { type Fields, fieldsOf, listOf } from '../description/places.ts';

/** A function that `sam build` bundles. */
export interface Bundling {
  /** The handler as a path to its source. */
  handler: string;
  buildOptions: Record<string, unknown>;
}

/** esbuild's options by the names of SAM's BuildProperties. The host decides about output files and source maps. */
const optionNames: Record<string, string> = {
  Alias: 'alias',
  Banner: 'banner',
  Define: 'define',
  External: 'external',
  Footer: 'footer',
  Format: 'format',
  Inject: 'inject',
  KeepNames: 'keepNames',
  Loader: 'loader',
  MainFields: 'mainFields',
  Minify: 'minify',
  Target: 'target',
  TreeShaking: 'treeShaking',
};

/** Options that are lists of "key=value" in a template, and objects in esbuild. */
const pairs = ['Alias', 'Banner', 'Define', 'Footer', 'Loader'];

/** Options that are lists. */
const lists = ['External', 'Inject', 'MainFields'];

/**
 * @param metadata   of the function, computed
 * @param codeFolder absolute path
 * @param handler    as the function has it: a path in the folder that `sam build` writes
 * @returns undefined if `sam build` does not bundle the function, or did so already
 */
export function bundlingOf(metadata: Fields, codeFolder: string, handler: string): Bundling | undefined {
  if (metadata.BuildMethod !== 'esbuild') return undefined;
  const properties = fieldsOf(metadata.BuildProperties);
  const entries = listOf(properties.EntryPoints).map((entry) => posix.normalize(String(entry)));
  if (entries.length > 0 && !entries.some((entry) => existsSync(join(codeFolder, entry)))) return undefined;
  return { handler: sourceOf(handler, entries), buildOptions: buildOptionsOf(properties) };
}

/** Names the entry point whose bundle has the handler: esbuild writes bundles below the folder that all entry points share. */
function sourceOf(handler: string, entries: string[]): string {
  const [module = '', ...exports] = splitHandler(handler);
  const base = commonFolder(entries.map((entry) => dirname(entry)));
  const source = entries
    .map(withoutExtension)
    .find((entry) => entry === module || posix.relative(base, entry) === module);
  return [source ?? module, ...exports].join('.');
}

function splitHandler(handler: string): [module: string, exported: string] {
  const dot = handler.indexOf('.', handler.lastIndexOf('/') + 1);
  return dot === -1 ? [handler, 'handler'] : [handler.slice(0, dot), handler.slice(dot + 1)];
}

function withoutExtension(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '');
}

function commonFolder(folders: string[]): string {
  const [first = [], ...others] = folders.map((folder) => folder.split('/'));
  const length = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  return (length === -1 ? first : first.slice(0, length)).join('/') || '.';
}

function buildOptionsOf(properties: Fields): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(properties)) {
    const option = optionNames[name];
    if (option === undefined) continue;
    if (pairs.includes(name)) options[option] = Object.fromEntries(listOf(value).flatMap(pairsOf));
    else if (lists.includes(name)) options[option] = listOf(value).flatMap((item) => String(item).split(','));
    else options[option] = typeof value === 'string' && /^(true|false)$/.test(value) ? value === 'true' : value;
  }
  return options;
}

function pairsOf(item: unknown): [string, unknown][] {
  if (typeof item === 'object' && item !== null) return Object.entries(item);
  const text = String(item);
  const index = text.search(/[=:]/);
  return index === -1 ? [] : [[text.slice(0, index), text.slice(index + 1)]];
}
