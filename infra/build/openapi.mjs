/** Gives functions/openapi/ the routes of all functions and their openapi.ts files, as one module. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findFunctions } from './functions.mjs';
import { virtualModule } from './virtual-module.mjs';

/**
 * A function documents its route in its own folder, so no list of functions stands in the sources. This plugin makes the list
 * in each build, as the module `virtual:documented-functions`, with static imports that esbuild can bundle.
 * @type {import('esbuild').Plugin}
 */
export const documentedFunctions = virtualModule('documented-functions', (folder) => ({
  contents: moduleOf(folder),
  resolveDir: folder,
}));

function moduleOf(folder) {
  const imports = [];
  const entries = findFunctions(folder, '.').map(({ name, configuration }, index) => {
    const { description, route = [] } = configuration;
    const isDocumented = existsSync(join(folder, name, 'openapi.ts'));
    if (isDocumented) imports.push(`import { operation as operation${index} } from './${name}/openapi.ts';`);
    const facts = JSON.stringify({ name, description, routes: [route].flat().map((one) => one.key ?? one) });
    return isDocumented ? `{ ...${facts}, operation: operation${index} }` : facts;
  });
  return `${imports.join('\n')}\nexport default [${entries.join(',\n')}];`;
}
