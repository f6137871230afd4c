/** The settings that the servers of `npm start` and `npm run dev` share. */
import { join } from 'node:path';

export interface Addresses {
  api: string;
  /** Undefined when STATUS_PORT is 0, which turns the status server off. */
  status: string | undefined;
  site: string;
}

/**
 * Derives the base URLs of the servers from the settings. Where the API listens at all addresses, the site and the
 * developer reach it over loopback.
 */
export function addressesOf(env: NodeJS.ProcessEnv): Addresses {
  const reachable = reachableAt(env.HOST);
  return {
    api: `http://${reachable}:${env.PORT || 8080}`,
    status: env.STATUS_PORT === '0' ? undefined : `http://${reachableAt(env.STATUS_HOST)}:${env.STATUS_PORT || 3002}`,
    site: `http://${reachable}:${env.SITE_PORT || 8501}`,
  };
}

function reachableAt(host = ''): string {
  return ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
}

/** @returns the environment of the router, which takes the visitor's address from the site */
export function routerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const trusted = [env.TRUSTED_PROXIES, reachableAt(env.HOST)].filter(Boolean).join();
  return { ...siteKey(env), ...env, TRUSTED_PROXIES: trusted };
}

/** @returns the environment of the site, which calls the API and the status server */
export function siteEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { api, status } = addressesOf(env);
  return { API_URL: api, ...(status && { STATUS_URL: status }), ...siteKey(env), ...env };
}

/** With AUTH=on, the API makes a key for the site at its start. Functions may write below `data`. */
function siteKey({ AUTH }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return AUTH?.trim() === 'on' ? { SITE_KEY_FILE: join(import.meta.dirname, '../../../data/site-key/key') } : {};
}
