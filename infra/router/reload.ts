/** Takes a new build while serving: SIGHUP makes the router read functions.json again. */
import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { RouteTree } from './gateway/route-tree.ts';
import { type FunctionConfiguration, readManifest } from './manifest.ts';
import { log } from './process/log.ts';
import type { FunctionHost } from './runtime/host.ts';

/**
 * Brings the host to what the manifest says now: changed functions are replaced once their new code has loaded, new ones
 * added, missing ones ended. What can't be read or loaded is logged, and the old keeps serving.
 * @returns the routes to go by from now on
 */
export async function reload(config: Config, host: FunctionHost, routes: RouteTree): Promise<RouteTree> {
  const begun = Date.now();
  let functions: FunctionConfiguration[];
  let newRoutes: RouteTree;
  try {
    functions = readManifest(config.distFolder).filter(({ onStart }) => !onStart);
    newRoutes = new RouteTree(functions);
    host.check(functions);
  } catch (error) {
    log.error('Reload failed, nothing is changed', { errorMessage: (error as Error).message });
    return routes;
  }
  const names = new Set(functions.map(({ name }) => name));
  const changes = functions
    .map((configuration) => ({ configuration, pool: host.pools.get(configuration.name) }))
    .filter(({ configuration, pool }) => !isDeepStrictEqual(pool?.configuration, configuration))
    // What is in use comes first: it is what somebody waits for who changed what all functions share.
    .sort((one, other) => (other.pool?.lastInvoked ?? 0) - (one.pool?.lastInvoked ?? 0))
    .map(({ configuration, pool }) => {
      return () => (pool ? pool.replace(configuration) : host.add(configuration).warm());
    });
  const failed = await inTurns(changes, availableParallelism());
  for (const [name, pool] of host.pools) {
    if (names.has(name)) continue;
    host.pools.delete(name);
    void pool.stop(config.shutdownTimeout);
  }
  const milliseconds = Date.now() - begun;
  if (failed > 0) log.error('Reloaded in part: the old code serves where the new does not load', { failed });
  else log.info('Reloaded', { functions: changes.length, milliseconds });
  return newRoutes;
}

/**
 * Runs some at a time: all at once they would all be ready only when the last one is.
 * @returns how many failed
 */
async function inTurns(tasks: (() => Promise<void>)[], atOnce: number): Promise<number> {
  let failed = 0;
  const left = tasks.values();
  const runner = async () => {
    for (const task of left) await task().catch(() => failed++);
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  return failed;
}
