/** Brings a host to a new manifest while it serves. */
import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { FunctionConfiguration } from '../manifest.ts';
import type { FunctionHost } from './host.ts';

/** How many functions of a manifest were new or changed, and how many of them do not load. */
export interface FunctionUpdate {
  changed: number;
  failed: number;
}

/**
 * Replaces functions that changed once their new code has loaded, adds new ones, and ends those that are gone. A function
 * whose new code does not load keeps its old environments.
 * @param functions all functions of the new manifest that are served
 */
export async function updateFunctions(
  host: FunctionHost,
  functions: FunctionConfiguration[],
  shutdownTimeoutMs: number,
): Promise<FunctionUpdate> {
  const changes = functions
    .map((configuration) => ({ configuration, pool: host.pools.get(configuration.name) }))
    .filter(({ configuration, pool }) => !isDeepStrictEqual(pool?.configuration, configuration))
    // Functions in use start first. After a change of shared code a person waits for the function that they just invoked.
    .sort((one, other) => (other.pool?.lastInvoked ?? 0) - (one.pool?.lastInvoked ?? 0))
    .map(({ configuration, pool }) => {
      return () => (pool ? pool.replace(configuration) : host.add(configuration).warm());
    });
  const failed = await runInTurns(changes, availableParallelism());
  const names = new Set(functions.map(({ name }) => name));
  for (const [name, pool] of host.pools) {
    if (names.has(name)) continue;
    host.pools.delete(name);
    void pool.stop(shutdownTimeoutMs);
  }
  return { changed: changes.length, failed };
}

/**
 * Runs some tasks at a time. If all ran at once, all would be ready only when the last one is.
 * @returns how many tasks failed
 */
async function runInTurns(tasks: (() => Promise<void>)[], atOnce: number): Promise<number> {
  let failed = 0;
  const left = tasks.values();
  const runner = async () => {
    for (const task of left) await task().catch(() => failed++);
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  return failed;
}
