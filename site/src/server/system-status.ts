/** Gathers the figures of the System page: from the status server of each router, from GET /health, and of this process. */
import { type Api, createApi } from '../lib/api-client.ts';
import type { ApiHealth } from '../lib/api-health.ts';
import { type FunctionStatus, mergeFunctions, type RouterStatus, readStatus } from '../lib/router-status.ts';
import { healthOf } from './engines.ts';
import { addressesOf } from './router-addresses.ts';
import { settings } from './settings.ts';

/** The page reloads itself every two seconds, so it shows what answered by then and does not wait for the rest. */
const timeoutMs = Math.min(settings.apiTimeoutMs, 1_500);

export type PartState = 'ok' | 'full' | 'bypass' | 'off' | 'down' | 'unknown';

/**
 * The state of every part of the system.
 * `routers` are those whose status server answered, of `expectedRouters`; `functions` are those of all of them together.
 */
export interface System {
  at: string;
  routers: RouterStatus[];
  expectedRouters: number;
  functions: FunctionStatus[];
  health: ApiHealth;
  parts: Record<'site' | 'router' | 'functions' | 'cache' | 'database', PartState>;
  site: { uptimeSeconds: number; megabytes: number };
}

/**
 * Asks the router and the API. It never fails: a part without an answer is `down` or `unknown`.
 * @param api the client of the visitor
 */
export async function readSystem(api: Pick<Api, 'ask'>): Promise<System> {
  const [{ routers, expectedRouters }, answer] = await Promise.all([
    readRouters(),
    api.ask<unknown>('/health', { signal: AbortSignal.timeout(timeoutMs) }),
  ]);
  const functions = mergeFunctions(routers);
  const health = healthOf(answer);
  // 502 is the answer of the API client for something that is not the API.
  const answered = answer.ok || (answer.failure.kind === 'problem' && answer.failure.status !== 502);
  // An inactive function has no environment yet, and gets one with its first request.
  const usable = functions.every(({ state }) => state === 'active' || state === 'inactive');
  const seen = routers.length > 0;
  return {
    at: new Date().toISOString(),
    ...{ routers, expectedRouters, functions, health },
    parts: {
      site: 'ok',
      router: seen || answered ? 'ok' : 'down',
      functions: seen ? (usable ? 'ok' : 'down') : answered ? 'ok' : 'unknown',
      cache: health.cache,
      database: health.database,
    },
    site: {
      uptimeSeconds: process.uptime(),
      megabytes: process.memoryUsage.rss() / 1_048_576,
    },
  };
}

/** Asks every router, always in the same order. A router that has two addresses counts once. */
async function readRouters(): Promise<{ routers: RouterStatus[]; expectedRouters: number }> {
  const urls = await addressesOf(settings.statusUrls);
  const results = await Promise.all(urls.map((url) => createApi(url, timeoutMs).ask<unknown>('/status')));
  const found = results.flatMap((result) => (result.ok ? (readStatus(result.answer.body) ?? []) : []));
  const byIdentity = new Map(found.map((router) => [`${router.name} ${router.pid}`, router]));
  const routers = [...byIdentity].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, router]) => router);
  return { routers, expectedRouters: urls.length - (found.length - routers.length) };
}
