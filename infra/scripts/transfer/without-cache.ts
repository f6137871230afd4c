/**
 * Changes a directory behind the backs of the routers that use it. They follow the rules of the cache: it is revoked, every process
 * has noticed that, and only then does the transaction begin. The routers empty the cache before they use it again.
 * @see infra/docs/decisions/001-cache-protocol.md
 */
import { CacheState, readCacheState } from '#lib/cache/cache-state.ts';
import type { Database } from '#lib/database/database.ts';
import type { Connection } from '#lib/database/engine.ts';
import { CommandError } from './command.ts';

/** How long routers may keep bringing the cache back before the command gives up. */
const fenceTimeoutMs = 60_000;

/**
 * @param work runs in the transaction, at most once with effect, and must write a new epoch; gets the mark of a move
 * @returns the result of the work, once it is committed
 * @throws {CommandError} when the routers keep using the cache; nothing has changed then
 */
export async function withoutCache<T>(
  database: Database,
  work: (connection: Connection, move: string | null) => Promise<T>,
): Promise<T> {
  const state = new CacheState(database);
  const deadline = performance.now() + fenceTimeoutMs;
  for (;;) {
    const revoked = await state.refresh();
    if (!revoked.isCurrent || revoked.instance !== null) {
      await state.revoke(revoked.epoch);
      continue;
    }
    await state.waitUntilNoticed(revoked);
    const done = await database.transact(async (connection) => {
      const { instance, revocations, isCurrent, move } = await readCacheState(connection);
      if (!isCurrent || instance !== null || revocations !== revoked.revocations) return undefined;
      return { value: await work(connection, move) };
    });
    if (done !== undefined) return done.value;
    if (performance.now() > deadline) {
      throw new CommandError('The routers kept using the cache, so nothing was changed; stop them, and try again');
    }
  }
}
