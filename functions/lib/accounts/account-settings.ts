/** Reads the settings of accounts. */
import { type Environment, readInteger, secret, setting } from '../environment.ts';
import { ConfigurationError } from '../errors.ts';
import type { AccountRules, OpenIdRules, TokenIssuer } from './account-rules.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** @param read collects the faults */
export function readAccountRules(read: <T>(parse: (environment: Environment) => T) => T | undefined): AccountRules {
  const integer = (...range: Parameters<typeof readInteger>) => read(readInteger(...range)) ?? 0;
  return {
    sessions: {
      idleMs: integer('SESSION_IDLE_MINUTES', 720, 1, 525_600) * minuteMs,
      maxMs: integer('SESSION_DAYS', 30, 1, 3650) * dayMs,
    },
    pauses: {
      attempts: integer('SIGN_IN_ATTEMPTS', 5, 1, 1000),
      maxPauseMs: integer('SIGN_IN_PAUSE_SECONDS', 900, 1, 86_400) * 1000,
    },
    linkMs: integer('LINK_HOURS', 72, 1, 8760) * hourMs,
    peopleLimit: integer('PEOPLE_LIMIT', 1000, 1, 100_000),
    publicUrl: read(readPublicUrl),
  };
}

/** @throws {ConfigurationError} */
export function readTokenIssuer(environment: Environment): TokenIssuer | undefined {
  const url = setting(environment, 'JWT_ISSUER');
  const audience = setting(environment, 'JWT_AUDIENCE');
  const roleClaim = setting(environment, 'JWT_ROLE_CLAIM') ?? 'role';
  if (url === undefined && audience === undefined) return undefined;
  if (url === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new ConfigurationError('JWT_ISSUER must be the URL of an issuer, such as https://login.example.com/');
  }
  if (audience === undefined)
    throw new ConfigurationError('JWT_AUDIENCE must name this API, as tokens of JWT_ISSUER do');
  return { url, audience, roleClaim };
}

/**
 * @returns the address of the site without a slash at the end
 * @throws {ConfigurationError}
 */
function readPublicUrl(environment: Environment): string | undefined {
  const text = setting(environment, 'PUBLIC_URL');
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  throw new ConfigurationError('PUBLIC_URL must be an address without a path, such as https://users.example.com');
}

/** The page to which the provider sends people back. */
const returnPath = '/sign-in/openid/return';

/**
 * @returns undefined where no provider is configured
 * @throws {ConfigurationError}
 */
export function readOpenId(environment: Environment): OpenIdRules | undefined {
  const issuer = setting(environment, 'OIDC_ISSUER');
  const clientId = setting(environment, 'OIDC_CLIENT_ID');
  const clientSecret = secret(environment, 'OIDC_CLIENT_SECRET');
  const roleClaim = setting(environment, 'OIDC_ROLE_CLAIM') ?? 'role';
  const publicUrl = readPublicUrl(environment);
  if (issuer === undefined) {
    if (clientId === undefined && clientSecret === undefined) return undefined;
    throw new ConfigurationError('OIDC_ISSUER must be set where OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is');
  }
  const url = URL.parse(issuer);
  // Without TLS anybody on the way could say who signs in.
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSafe || url === null || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError(
      'OIDC_ISSUER must be the https:// address of a provider, such as https://login.example.com',
    );
  }
  if (clientId === undefined) throw new ConfigurationError('OIDC_CLIENT_ID must be set where OIDC_ISSUER is');
  if (clientSecret === undefined) throw new ConfigurationError('OIDC_CLIENT_SECRET must be set where OIDC_ISSUER is');
  if (publicUrl === undefined) {
    throw new ConfigurationError('PUBLIC_URL must be set where OIDC_ISSUER is: the provider sends people back to it');
  }
  return { issuer, clientId, clientSecret, roleClaim, redirectUri: publicUrl + returnPath };
}

function isLoopback(host: string): boolean {
  return /^(127\.[\d.]+|\[::1\]|(.+\.)?localhost)$/.test(host);
}
