/** Writes the manifest of a build. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * A function of a build.
 * @typedef {{ name: string, configuration: object, file: string }} BuiltFunction with `file`, the path of its bundle below
 *   functions/
 */

/**
 * Writes functions.json. The file is written beside and renamed, so that a router that reads it never sees half a file.
 * @param {string} folder of the build, absolute
 * @param {BuiltFunction[]} functions
 */
export function writeManifest(folder, functions) {
  mkdirSync(folder, { recursive: true });
  const manifest = functions.map(({ name, configuration, file }) => {
    const path = join('functions', file);
    const codeSha256 = createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('base64');
    return { name, ...configuration, code: dirname(path), codeSha256 };
  });
  const file = join(folder, 'functions.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/**
 * Removes the bundles of functions that are gone, and other files of the functions that are there.
 * @param {string} folder of the build, absolute
 * @param {BuiltFunction[]} functions
 */
export function removeOldBundles(folder, functions) {
  const bundles = join(folder, 'functions');
  mkdirSync(bundles, { recursive: true });
  keepOnly(
    bundles,
    functions.map(({ name }) => name),
  );
  for (const { name, file } of functions) keepOnly(join(bundles, name), [basename(file), `${basename(file)}.map`]);
}

function keepOnly(folder, names) {
  for (const name of readdirSync(folder)) {
    if (!names.includes(name)) rmSync(join(folder, name), { recursive: true });
  }
}
