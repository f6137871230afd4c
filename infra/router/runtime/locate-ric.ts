/** Finds AWS's Runtime Interface Client, which is native and therefore no package of the project's own. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigurationError } from '../config.ts';

const installedBy = 'npm run ric:install';
const needs = 'a C++ compiler, make, cmake, xz and python3; about two minutes';

/**
 * @param path         RIC_PATH, the package's folder or its index.mjs; undefined where npm installed it
 * @param routerFolder folder of the router's bundle
 * @returns path of aws-lambda-ric's index.mjs: RIC_PATH, a node_modules above the router (the images), or infra/aws/ric
 * @throws ConfigurationError when there is none, or it was installed without being built
 */
export function locateRic(path: string | undefined, routerFolder: string): string {
  const file = path ? entryOf(resolve(path)) : installed(routerFolder);
  if (!file || !existsSync(file)) {
    const where = path ? `RIC_PATH is "${path}", where there is none` : `"${installedBy}" installs it (${needs})`;
    throw new ConfigurationError(`FUNCTION_RUNTIME=ric and "runtime": "ric" need aws-lambda-ric: ${where}`);
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
