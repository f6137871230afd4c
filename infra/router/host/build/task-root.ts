/** Makes the folder that stands for LAMBDA_TASK_ROOT of a bundled function. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file of a bundle. */
export interface BundleFile {
  /** Relative to the task root. */
  path: string;
  contents: Uint8Array;
}

/**
 * Writes a bundle to a folder that otherwise holds links to the code folder. There the function finds its assets and
 * packages beside its code, as on Lambda. Called again, it adds links to what is new in the code folder.
 * @param taskRoot absolute path, created if missing
 * @param codeFolder absolute path
 * @param bundle files of one folder, the first of which is the module
 */
export function writeTaskRoot(taskRoot: string, codeFolder: string, bundle: [BundleFile, ...BundleFile[]]): void {
  const folder = dirname(bundle[0].path);
  const stem = basename(bundle[0].path).split('.')[0];
  mkdirSync(join(taskRoot, folder), { recursive: true });
  // Without it Node.js would read the kind of module from the package.json of the sources.
  writeFileSync(join(taskRoot, 'package.json'), '{}');
  for (const { path, contents } of bundle) writeFileSync(join(taskRoot, path), contents);
  const segments = folder === '.' ? [] : folder.split(/[\\/]/);
  for (const depth of [...segments.keys(), segments.length]) {
    const below = join(...segments.slice(0, depth));
    const isModule = (name: string) =>
      depth === segments.length && /^[^.]*(\.[cm]?[jt]sx?)?$/.test(name) && name.split('.')[0] === stem;
    for (const name of namesIn(join(codeFolder, below))) {
      if (!isModule(name)) link(join(codeFolder, below, name), join(taskRoot, below, name));
    }
  }
  const packages = nearestPackages(codeFolder);
  if (packages !== undefined) link(packages, join(taskRoot, 'node_modules'));
}

/** @returns the first node_modules at or above a folder */
function nearestPackages(folder: string): string | undefined {
  const packages = join(folder, 'node_modules');
  if (existsSync(packages)) return packages;
  return dirname(folder) === folder ? undefined : nearestPackages(dirname(folder));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function link(target: string, path: string): void {
  // On Windows a junction needs no privilege, and links to files are left out.
  if (!existsSync(path)) symlinkSync(target, path, 'junction');
}
