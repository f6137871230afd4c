/** Gives functions/authorize/ the role that each route needs, as a module. */
import { dirname } from 'node:path';
import schema from '../router/function.schema.json' with { type: 'json' };
import { findFunctions } from './functions.mjs';

/**
 * A function names the role of its routes in its own function.json. This plugin makes the table in each build, as the module
 * `virtual:route-roles`.
 * @type {import('esbuild').Plugin}
 */
export const routeRoles = {
  name: 'route-roles',
  setup(build) {
    build.onResolve({ filter: /^virtual:route-roles$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'route-roles',
      pluginData: dirname(resolveDir),
    }));
    build.onLoad({ filter: /.*/, namespace: 'route-roles' }, ({ pluginData: folder }) => ({
      contents: JSON.stringify(tableOf(folder)),
      loader: 'json',
    }));
  },
};

/** @returns role by route key */
function tableOf(folder) {
  const rows = findFunctions(folder, '.').flatMap(({ configuration }) => {
    const { route = [], role = schema.properties.role.default } = configuration;
    return [route].flat().map((one) => [one.key ?? one, role]);
  });
  return Object.fromEntries(rows);
}
