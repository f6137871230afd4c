/** Parses the settings of the site server. `infra/docs/settings.md` describes each of them. */

/** The checked settings. Each comment names the environment variable. */
export interface Settings {
  /** HOST: the address to listen at. */
  host: string;
  /** SITE_PORT; 0 lets the system choose a free one. */
  port: number;
  /** API_URL: the API, which the router serves. */
  apiUrl: URL;
  /** STATUS_URL: the router's status server, for the System page. */
  statusUrl: URL;
  /** SITE_CACHE, or REDIS_URL: whether the functions cache in Redis, for the words on the page. The API does not say. */
  redis: boolean;
  /** SITE_API_TIMEOUT_MS: the time that the API has for an answer. */
  apiTimeoutMs: number;
  /** SITE_BODY_LIMIT: the largest body of a request to the site. */
  maxBodyBytes: number;
  /** SITE_LIVE_INTERVAL_MS: the time between two polls for changes, while a page listens. */
  pollIntervalMs: number;
  /** SITE_LIVE_LIMIT: the number of event streams that may be open at once. */
  maxEventStreams: number;
}

/** Names every invalid setting, in one line. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

type Environment = Record<string, string | undefined>;

/**
 * Reads all settings, so that one error can name every invalid one. An empty variable counts as unset.
 * @throws SettingsError
 */
export function parseSettings(environment: Environment): Settings {
  const faults: string[] = [];

  const text = (name: string, fallback: string) => environment[name]?.trim() || fallback;

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name, String(fallback));
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    faults.push(`${name} must be a whole number from ${min} to ${max}, not "${value}"`);
    return fallback;
  };

  const url = (name: string, fallback: string): URL => {
    const value = text(name, fallback);
    const parsed = URL.parse(value);
    if (parsed && /^https?:$/.test(parsed.protocol)) return parsed;
    faults.push(`${name} must be an http:// or https:// address, not "${value}"`);
    return new URL(fallback);
  };

  const cache = text('SITE_CACHE', environment.REDIS_URL || environment.REDIS_URL_FILE ? 'redis' : 'embedded');
  if (cache !== 'redis' && cache !== 'embedded') faults.push(`SITE_CACHE must be redis or embedded, not "${cache}"`);

  const settings: Settings = {
    host: text('HOST', '127.0.0.1'),
    port: integer('SITE_PORT', 8501, 0, 65_535),
    apiUrl: url('API_URL', 'http://127.0.0.1:8080'),
    statusUrl: url('STATUS_URL', 'http://127.0.0.1:3002'),
    redis: cache === 'redis',
    apiTimeoutMs: integer('SITE_API_TIMEOUT_MS', 5_000, 50, 120_000),
    maxBodyBytes: integer('SITE_BODY_LIMIT', 1_048_576, 1_024, 104_857_600),
    pollIntervalMs: integer('SITE_LIVE_INTERVAL_MS', 1_000, 100, 60_000),
    maxEventStreams: integer('SITE_LIVE_LIMIT', 1_000, 1, 100_000),
  };
  if (!/^[\w.:-]+$/.test(settings.host)) faults.push(`HOST must be an address or a host name, not "${settings.host}"`);
  if (faults.length > 0) throw new SettingsError(faults.join('; '));
  return settings;
}
