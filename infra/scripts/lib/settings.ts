/** The settings that the servers of `npm start` and `npm run dev` share. */

export interface Addresses {
  api: string;
  /** Undefined when LAMBDA_PORT is 0, which turns the control API off. */
  control: string | undefined;
  site: string;
}

/**
 * Derives the base URLs of the servers from the settings. Where the API listens at all addresses, the site and the
 * developer reach it over loopback.
 */
export function addressesOf(env: NodeJS.ProcessEnv): Addresses {
  const host = env.HOST || '127.0.0.1';
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return {
    api: `http://${reachable}:${env.PORT || 8080}`,
    control: env.LAMBDA_PORT === '0' ? undefined : `http://${reachable}:${env.LAMBDA_PORT || 3001}`,
    site: `http://${reachable}:${env.SITE_PORT || 8501}`,
  };
}

/** @returns the environment of the site, which calls the API and the control API */
export function siteEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { api, control } = addressesOf(env);
  return { API_URL: api, ...(control && { CONTROL_URL: control }), ...env };
}
