/** Writes the manifest of a build. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes functions.json, and removes the bundles of functions that are gone. The file is written beside and renamed, so
 * that a router that reads it never sees half a file.
 * @param {string} folder of the build, absolute
 * @param {{ name: string, configuration: object, file: string }[]} functions with `file`, the name of each bundle
 */
export function writeManifest(folder, functions) {
  const bundles = join(folder, 'functions');
  mkdirSync(bundles, { recursive: true });
  keepOnly(
    bundles,
    functions.map(({ name }) => name),
  );
  const manifest = functions.map(({ name, configuration, file }) => {
    keepOnly(join(bundles, name), [file, `${file}.map`]);
    const bundle = readFileSync(join(bundles, name, file));
    const codeSha256 = createHash('sha256').update(bundle).digest('base64');
    return { name, ...configuration, code: `functions/${name}`, codeSha256 };
  });
  const file = join(folder, 'functions.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function keepOnly(folder, names) {
  for (const name of readdirSync(folder)) {
    if (!names.includes(name)) rmSync(join(folder, name), { recursive: true });
  }
}
