/** Writes the manifest of a project, from which the router serves its functions. */
import { renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigurationError } from '../config.ts';
import { RouteTree } from '../gateway/route-tree.ts';
import { type FunctionConfiguration, parseFunction } from '../manifest.ts';
import { packageFolders } from './build/bundle.ts';
import type { FunctionBuild, FunctionCode } from './build/function-build.ts';
import { isInModuleScope } from './module-scope.ts';
import { nodeMajorOf } from './node-runtime.ts';
import { refuseRoutes } from './refused-routes.ts';

/** The variables and packages that the host adds to the functions of a project. */
export interface HostEnvironment {
  /** Variables of every function, which its own replace. */
  common: Record<string, string>;
  /** Variables of every function, which replace its own. */
  given: Record<string, string>;
  /** Absolute path of the module that finds layers and the SDK (infra/runtime-client/packages.ts). */
  packagesFile: string;
  /** Absolute path of a node_modules with the AWS SDK; undefined where the host has none. */
  sdkFolder: string | undefined;
}

type Entry = Record<string, unknown>;

/** A function as the router gets it. */
export interface HostedFunction {
  build: FunctionBuild;
  entry: Entry;
  configuration: FunctionConfiguration;
  /** One line for each route that is refused because its authorizer can't decide. */
  refusals: string[];
}

/**
 * Makes the manifest's entry of a function. Settings that the router refuses make the function fail alone.
 * @param runnable names of the functions that can run, among which are the authorizers
 * @throws {ConfigurationError} when the router refuses its routes
 */
export function hostedFunction(
  build: FunctionBuild,
  environment: HostEnvironment,
  runnable: readonly string[],
): HostedFunction {
  const lineOf = (message: string) => build.lineOf({ ...build.definition.place, message });
  const { entry, refusals } = refuseRoutes(entryOf(build, environment), runnable);
  const hosted = { build, refusals: refusals.map(lineOf) };
  try {
    return { ...hosted, entry, configuration: parseFunction(entry, '/') };
  } catch (error) {
    const message = lineOf((error as Error).message);
    build.faults = [message];
    const { name, route } = entry;
    const failing = { name, route, ...codeFields(build.codeThatFails(message)) };
    try {
      return { ...hosted, entry: failing, configuration: parseFunction(failing, '/') };
    } catch (routeError) {
      throw new ConfigurationError(lineOf((routeError as Error).message));
    }
  }
}

/**
 * Finds the routes that the router refuses, because two functions have the same one or it is malformed.
 * @returns one line for each function with such a route, with its place
 */
export function routeFaults(functions: HostedFunction[]): string[] {
  const faults: string[] = [];
  const accepted: FunctionConfiguration[] = [];
  for (const { build, configuration } of functions) {
    try {
      new RouteTree([...accepted, configuration]);
      accepted.push(configuration);
    } catch (error) {
      faults.push(build.lineOf({ ...build.definition.place, message: (error as Error).message }));
    }
  }
  return faults;
}

/** Writes the manifest beside its place and renames it, so that the router never reads half a file. */
export function writeManifest(folder: string, functions: HostedFunction[]): void {
  const file = join(folder, 'functions.json');
  writeFileSync(`${file}.new`, JSON.stringify(functions.map(({ entry }) => entry)));
  renameSync(`${file}.new`, file);
}

function entryOf(build: FunctionBuild, { common, given, packagesFile, sdkFolder }: HostEnvironment): Entry {
  const { name, settings, routes, schedules, variables, layers, codeFolder } = build.definition;
  const { route = [], schedules: ownSchedules = [], environment = [], ...others } = settings;
  const code = build.code as FunctionCode;
  const values: Record<string, string> = { ...variables, ...given };
  const ownScope = code.taskRoot === codeFolder && isInModuleScope(codeFolder) ? codeFolder : undefined;
  if (layers.length > 0 || sdkFolder !== undefined || ownScope !== undefined) {
    values.HOST_PACKAGES = JSON.stringify({ layers, sdkFolder, ownScope });
    const { NODE_OPTIONS: own = '' } = Object.assign({}, common, ...[environment].flat().filter(isObject), values);
    values.NODE_OPTIONS = `--require ${JSON.stringify(packagesFile)} ${own}`.trim();
  }
  if (layers.length > 0) values.NODE_PATH = packageFolders(layers, nodeMajorOf(others.runtime)).join(delimiter);
  return {
    ...others,
    name,
    ...codeFields(code),
    route: [route, routes].flat(),
    schedules: [ownSchedules, schedules].flat(),
    environment: [common, environment, values].flat(),
  };
}

const isObject = (item: unknown) => typeof item === 'object';

function codeFields({ taskRoot, handler, sha256 }: FunctionCode): Entry {
  return { code: taskRoot, handler, codeSha256: sha256 };
}
