/** Gathers what the System page shows, from whoever answers. */
import { createApi } from '../lib/api-client.ts';
import { type RouterStatus, readStatus } from '../lib/router-status.ts';
import { api } from './server-api.ts';
import { settings } from './settings.ts';

/** The page is read every other second: better half of it now than all of it late. */
const patience = Math.min(settings.apiTimeout, 1_500);
const control = createApi(settings.controlUrl, patience);

export type PartState = 'ok' | 'down' | 'unknown';

export interface System {
  at: string;
  router: RouterStatus | undefined;
  parts: Record<'site' | 'router' | 'functions' | 'cache' | 'database', PartState>;
  site: { pid: number; uptimeSeconds: number; megabytes: number };
}

export async function readSystem(): Promise<System> {
  const [status, health] = await Promise.all([
    control.ask<unknown>('/status'),
    api.ask<unknown>('/health', { signal: AbortSignal.timeout(patience) }),
  ]);
  const router = status.ok ? readStatus(status.answer.body) : undefined;
  // A health check that fails is an answer all the same, and says which part is to blame.
  const told = health.ok ? health.answer.body : health.failure.kind === 'problem' ? health.failure.problem : undefined;
  const answered = health.ok || (health.failure.kind === 'problem' && health.failure.status !== 502);
  const active = router?.functions.filter(({ state }) => state === 'active' || state === 'inactive').length;
  return {
    at: new Date().toISOString(),
    router,
    parts: {
      site: 'ok',
      router: router || answered ? 'ok' : 'down',
      functions: router ? (active === router.functions.length ? 'ok' : 'down') : answered ? 'ok' : 'unknown',
      cache: partOf(told, 'cache'),
      database: partOf(told, 'database'),
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
