/** Finds AWS's Runtime Interface Client. It is native code and takes minutes to build, so it is not among our packages. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigurationError } from '../config.ts';

const installedBy = 'npm run ric:install';
const needs = 'a C++ compiler, make, cmake, xz and python3; about two minutes';

/**
 * Looks at RIC_PATH, then in a node_modules above the router (as in the images), then in infra/aws/ric.
 * @param path         RIC_PATH, the package's folder or its index.mjs; undefined where npm installed it
 * @param routerFolder folder of the router's bundle
 * @returns path of aws-lambda-ric's index.mjs
 * @throws ConfigurationError when it is not installed, or was installed without being built
 */
export function locateRic(path: string | undefined, routerFolder: string): string {
  const file = path ? entryOf(resolve(path)) : installed(routerFolder);
  if (!file || !existsSync(file)) {
    const where = path ? `RIC_PATH is "${path}", which does not have it` : `"${installedBy}" installs it (${needs})`;
    throw new ConfigurationError(`FUNCTION_RUNTIME=ric and "runtimeClient": "ric" need aws-lambda-ric: ${where}`);
  }
  if (!existsSync(join(dirname(file), 'rapid-client.node'))) {
    throw new ConfigurationError(
      `${dirname(file)} has not been built, its rapid-client.node is missing: "${installedBy}" builds it (${needs})`,
    );
  }
  return file;
}

function entryOf(path: string): string {
  return basename(path) === 'index.mjs' ? path : join(path, 'index.mjs');
}

function installed(routerFolder: string): string | undefined {
  const folders = [routerFolder, resolve(routerFolder, '../../infra/aws/ric')];
  for (const folder of folders) {
    try {
      return createRequire(join(folder, 'package.json')).resolve('aws-lambda-ric');
    } catch {}
  }
  return undefined;
}
