/** Gathers the figures of the System page: from the router's status server, from GET /health, and of this process. */
import { type Api, createApi } from '../lib/api-client.ts';
import { type RouterStatus, readStatus } from '../lib/router-status.ts';
import { settings } from './settings.ts';

/** The page reloads itself every two seconds, so it shows what answered by then and does not wait for the rest. */
const timeoutMs = Math.min(settings.apiTimeoutMs, 1_500);
const statusServer = createApi(settings.statusUrl, timeoutMs);

export type PartState = 'ok' | 'down' | 'unknown';

/** The state of every part of the system. `router` is undefined if its status server did not answer. */
export interface System {
  at: string;
  router: RouterStatus | undefined;
  parts: Record<'site' | 'router' | 'functions' | 'cache' | 'database', PartState>;
  site: { pid: number; uptimeSeconds: number; megabytes: number };
}

/**
 * Asks the router and the API. It never fails: a part without an answer is `down` or `unknown`.
 * @param api the client of the visitor
 */
export async function readSystem(api: Pick<Api, 'ask'>): Promise<System> {
  const [status, health] = await Promise.all([
    statusServer.ask<unknown>('/status'),
    api.ask<unknown>('/health', { signal: AbortSignal.timeout(timeoutMs) }),
  ]);
  const router = status.ok ? readStatus(status.answer.body) : undefined;
  // A failed health check has a body, too, which names the failed part.
  const report = health.ok
    ? health.answer.body
    : health.failure.kind === 'problem'
      ? health.failure.problem
      : undefined;
  // 502 is the answer of the API client for something that is not the API.
  const answered = health.ok || (health.failure.kind === 'problem' && health.failure.status !== 502);
  // An inactive function has no environment yet, and gets one with its first request.
  const usable = router?.functions.filter(({ state }) => state === 'active' || state === 'inactive').length;
  return {
    at: new Date().toISOString(),
    router,
    parts: {
      site: 'ok',
      router: router || answered ? 'ok' : 'down',
      functions: router ? (usable === router.functions.length ? 'ok' : 'down') : answered ? 'ok' : 'unknown',
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

function partOf(health: unknown, name: 'cache' | 'database'): PartState {
  if (typeof health !== 'object' || health === null || !(name in health)) return 'unknown';
  return Reflect.get(health, name) === 'ok' ? 'ok' : 'down';
}
