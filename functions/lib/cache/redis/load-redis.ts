/** Loads ioredis with the commands that this project uses, in the process of a function. */
import type * as ioredis from 'ioredis';

export type { ioredis };

/**
 * Commands of Redis that become methods of the client: those of this folder, and those that ioredis calls itself to connect,
 * authenticate, subscribe and close. Scripts need no command of their own.
 */
const usedCommands = new Set([
  ...['hmget', 'info', 'mget', 'ping', 'scan', 'set'],
  ...['auth', 'client', 'cluster', 'exec', 'hello', 'monitor', 'multi', 'psubscribe', 'quit', 'readonly', 'select'],
  ...['sentinel', 'ssubscribe', 'subscribe'],
]);

/**
 * Loads ioredis. The package adds two methods for each of Redis's 300 commands to one prototype, and V8 copies the
 * prototype's layout at each of them: a tenth of a cold start. So this function shortens the package's list of commands
 * before the client is loaded. A command that is missing here is missing from the client as well.
 * @returns the package
 * @see infra/docs/decisions/015-lean-processes.md
 */
export async function loadRedis(): Promise<typeof ioredis> {
  const { list } = withNames(await import('@ioredis/commands'), 'list');
  list.splice(0, list.length, ...list.filter((command) => usedCommands.has(command)));
  return withNames(await import('ioredis'), 'Redis');
}

/** A bundle gives the exports of a CommonJS package by name. Node itself, which loads packages in development, may give `default` alone. */
function withNames<Package extends object>(module: Package, name: keyof Package): Package {
  return name in module ? module : (module as unknown as { default: Package }).default;
}
