/** Gives functions/authorize/ what it must know of each route, as a module. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import schema from '../router/function.schema.json' with { type: 'json' };
import { findFunctions } from './functions.mjs';
import { virtualModule } from './virtual-module.mjs';

/** How a handler.ts imports `serve`, which answers a refusal with 401, and exports nothing else as its handler. */
const importsServe = /^import \{[^}]*\bserve\b[^}]*\} from '#lib\/http\/serve\.ts';/m;
const ownHandler = 'handler.handler';
const exportsServe = /^export const handler = serve\(/m;

/**
 * This plugin makes the table of all routes in each build, as the module `virtual:guarded-routes`. A function names the role of
 * its routes in its function.json. Only a handler that is what `serve` returns counts as one that refuses callers: code around
 * it would run before the refusal.
 * @type {import('esbuild').Plugin}
 */
export const guardedRoutes = virtualModule('guarded-routes', (folder) => ({
  contents: JSON.stringify(tableOf(folder)),
  loader: 'json',
}));

/** @returns `{ role, refuses }` by route key */
function tableOf(folder) {
  const rows = findFunctions(folder, '.').flatMap(({ name, configuration }) => {
    const { route = [], role = schema.properties.role.default } = configuration;
    const code = readFileSync(join(folder, name, 'handler.ts'), 'utf8');
    const refuses =
      (configuration.handler ?? ownHandler) === ownHandler && importsServe.test(code) && exportsServe.test(code);
    return [route].flat().map((one) => [one.key ?? one, { role, refuses }]);
  });
  return Object.fromEntries(rows);
}
