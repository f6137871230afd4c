/** Finds the functions of a folder and reads their settings, for the build. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withDefaults } from '../router/function-defaults.ts';
import { RouteTree } from '../router/gateway/route-tree.ts';
import { parseFunction } from '../router/manifest.ts';

/** Fields of the manifest that the build writes itself. */
const buildFields = ['name', 'code', 'codeSha256'];

/**
 * Finds the functions of a folder: every sub-folder that has a function.json. A handler.ts without one is a fault.
 * @param {string} root absolute path of the project
 * @param {string} folder relative to the root
 * @returns {{ name: string, folder: string, configuration: object }[]} with `configuration` as function.json has it, on top
 *   of the folder's defaults.json
 * @throws {Error} that names the function and its fault, as the router would: the settings and the routes are checked here
 */
export function findFunctions(root, folder) {
  const defaults = existsSync(resolve(root, folder, 'defaults.json'))
    ? readSettings(root, join(folder, 'defaults.json'))
    : {};
  const has = (name, file) => existsSync(resolve(root, folder, name, file));
  const found = readdirSync(resolve(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (has(entry.name, 'function.json') || has(entry.name, 'handler.ts')))
    .map(({ name }) => {
      if (!has(name, 'function.json')) {
        throw new Error(
          `${join(folder, name)} has a handler.ts and no function.json: write one, at least {"route": "GET /…"}`,
        );
      }
      const own = readSettings(root, join(folder, name, 'function.json'));
      return { name, folder: join(folder, name), configuration: withDefaults(defaults, own) };
    });
  // A build that the router would refuse at its start fails here, before it is deployed.
  new RouteTree(found.map(({ name, configuration }) => parseFunction({ name, code: name, ...configuration }, root)));
  return found;
}

function readSettings(root, file) {
  let settings;
  try {
    settings = JSON.parse(readFileSync(resolve(root, file), 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error.message}`);
  }
  for (const field of buildFields) {
    if (field in settings) throw new Error(`${file}: remove "${field}": the folder's name is the function's name`);
  }
  return settings;
}
