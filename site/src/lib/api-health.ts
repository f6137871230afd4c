/**
 * Reads the API's `GET /health`: which database and cache it uses, and whether they work.
 *
 * The API may be older or newer than the site, so every field is checked and has a fallback.
 */

/** The state of the database and the cache behind the API, as far as the pages know it. */
export interface ApiHealth {
  database: 'ok' | 'down' | 'unknown';
  databaseEngine: DatabaseEngine | undefined;
  /** Whether the file of the database was deleted or replaced while the API ran. */
  isDatabaseLost: boolean;
  /** `bypass`: reads go to the database. `off`: there is no cache, on purpose. */
  cache: 'ok' | 'full' | 'bypass' | 'off' | 'unknown';
  cacheEngine: CacheEngine | undefined;
  /** Why the cache is bypassed. */
  cacheReason: CacheReason | undefined;
}

const databaseEngines = ['sqlite', 'postgres'] as const;
const cacheEngines = ['none', 'embedded', 'redis', 'redis-sentinel', 'redis-cluster'] as const;
const cacheReasons = ['unreachable', 'replica', 'eviction-policy', 'old-version', 'permission', 'revoked'] as const;

export type DatabaseEngine = (typeof databaseEngines)[number];
export type CacheEngine = (typeof cacheEngines)[number];
export type CacheReason = (typeof cacheReasons)[number];

/** @param body the body of the answer */
export function readHealth(body: unknown): ApiHealth {
  const health: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const { database, cache } = health;
  const cacheEngine = oneOf(cacheEngines, health.cacheEngine);
  return {
    database: database === undefined ? 'unknown' : database === 'ok' ? 'ok' : 'down',
    databaseEngine: oneOf(databaseEngines, health.databaseEngine),
    isDatabaseLost: database === 'lost',
    cache: cacheEngine === 'none' ? 'off' : (oneOf(['ok', 'full', 'bypass'], cache) ?? 'unknown'),
    cacheEngine,
    cacheReason: oneOf(cacheReasons, health.cacheReason),
  };
}

/** A place that a list or a user can be loaded from, as the pages name it. */
export type Place = 'redis' | 'cache' | 'sqlite' | 'postgres' | 'database';

/** The engines that the API named last; empty while it has not answered. */
export type Engines = Partial<Pick<ApiHealth, 'databaseEngine' | 'cacheEngine'>>;

/** Names the place that an answer came from, as far as the engines are known. */
export function placeOf(isHit: boolean, engines: Engines = {}): Place {
  if (!isHit) return engines.databaseEngine ?? 'database';
  return isRedis(engines.cacheEngine) ? 'redis' : 'cache';
}

/** Whether an engine is Redis, in any of its forms. */
export function isRedis(engine: CacheEngine | undefined): boolean {
  return engine?.startsWith('redis') === true;
}

function oneOf<const T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((one) => one === value);
}
