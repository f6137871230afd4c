/** Opens the cache that the settings name, and writes to the log when it can be used and when it cannot. */
import type { Config } from '../config.ts';
import { log } from '../logger.ts';
import type { CacheStore } from './cache-store.ts';
import { cachePathOf, EmbeddedStore } from './embedded/embedded-store.ts';
import { NoStore } from './no-store.ts';
import type { RedisChange } from './redis/redis-connection.ts';
import { RedisStore } from './redis/redis-store.ts';

/** @returns the store, which connects when `ready` is called */
export function openStore({ redis, database, cacheListBytes }: Config): CacheStore {
  if (redis === undefined) {
    return database.engine === 'sqlite' ? new EmbeddedStore(cachePathOf(database.file), cacheListBytes) : new NoStore();
  }
  return new RedisStore({ address: redis, maxListBytes: cacheListBytes, onChange: logChange });
}

function logChange({ fault, reason }: RedisChange): void {
  if (fault === undefined) log.info('Redis is used again', { reason });
  else if (fault === 'unreachable') log.warn('Redis is not reachable; requests do without the cache', { reason });
  else log.warn('Redis is not used; requests do without the cache', { fault, reason });
}
