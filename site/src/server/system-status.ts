/** Gathers the figures of the System page: from the status server of each router, from GET /health, and of this process. */
import { type Api, createApi } from '../lib/api-client.ts';
import { type FunctionStatus, mergeFunctions, type RouterStatus, readStatus } from '../lib/router-status.ts';
import { addressesOf } from './router-addresses.ts';
import { settings } from './settings.ts';

/** The page reloads itself every two seconds, so it shows what answered by then and does not wait for the rest. */
const timeoutMs = Math.min(settings.apiTimeoutMs, 1_500);

export type PartState = 'ok' | 'down' | 'unknown';

/**
 * The state of every part of the system.
 * `routers` are those whose status server answered, of `expectedRouters`; `functions` are those of all of them together.
 */
export interface System {
  at: string;
  routers: RouterStatus[];
  expectedRouters: number;
  functions: FunctionStatus[];
  parts: Record<'site' | 'router' | 'functions' | 'cache' | 'database', PartState>;
  site: { pid: number; uptimeSeconds: number; megabytes: number };
}

/**
 * Asks the router and the API. It never fails: a part without an answer is `down` or `unknown`.
 * @param api the client of the visitor
 */
export async function readSystem(api: Pick<Api, 'ask'>): Promise<System> {
  const [{ routers, expectedRouters }, health] = await Promise.all([
    readRouters(),
    api.ask<unknown>('/health', { signal: AbortSignal.timeout(timeoutMs) }),
  ]);
  const functions = mergeFunctions(routers);
  // A failed health check has a body, too, which names the failed part.
  const report = health.ok
    ? health.answer.body
    : health.failure.kind === 'problem'
      ? health.failure.problem
      : undefined;
  // 502 is the answer of the API client for something that is not the API.
  const answered = health.ok || (health.failure.kind === 'problem' && health.failure.status !== 502);
  // An inactive function has no environment yet, and gets one with its first request.
  const usable = functions.every(({ state }) => state === 'active' || state === 'inactive');
  const seen = routers.length > 0;
  return {
    at: new Date().toISOString(),
    ...{ routers, expectedRouters, functions },
    parts: {
      site: 'ok',
      router: seen || answered ? 'ok' : 'down',
      functions: seen ? (usable ? 'ok' : 'down') : answered ? 'ok' : 'unknown',
      cache: partOf(report, 'cache'),
      database: partOf(report, 'database'),
    },
    site: {
      pid: process.pid,
      uptimeSeconds: process.uptime(),
      megabytes: process.memoryUsage.rss() / 1_048_576,
    },
  };
}

/** Asks every router. A router that has two addresses counts once. */
async function readRouters(): Promise<{ routers: RouterStatus[]; expectedRouters: number }> {
  const urls = await addressesOf(settings.statusUrls);
  const results = await Promise.all(urls.map((url) => createApi(url, timeoutMs).ask<unknown>('/status')));
  const found = results.flatMap((result) => (result.ok ? (readStatus(result.answer.body) ?? []) : []));
  const routers = [...new Map(found.map((router) => [`${router.name} ${router.pid}`, router])).values()];
  return { routers, expectedRouters: urls.length - (found.length - routers.length) };
}

function partOf(health: unknown, name: 'cache' | 'database'): PartState {
  if (typeof health !== 'object' || health === null || !(name in health)) return 'unknown';
  return Reflect.get(health, name) === 'ok' ? 'ok' : 'down';
}
