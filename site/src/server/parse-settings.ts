/** The site's settings: read from the environment once, at start. */

export interface Settings {
  host: string;
  port: number;
  /** The API that the functions answer. */
  apiUrl: URL;
  /** The router's control API, for the System page. */
  controlUrl: URL;
  /** Whether the functions' cache is Redis or the embedded one: the API does not tell. */
  redis: boolean;
  /** How long the API may take, in milliseconds. */
  apiTimeout: number;
  /** How many bytes one request to the site may bring. */
  bodyLimit: number;
  /** How often the API is asked whether anything changed, in milliseconds, while somebody watches. */
  liveInterval: number;
  /** How many open event streams the site serves at once. */
  liveLimit: number;
}

/** Says in one line what is wrong with the environment. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

type Environment = Record<string, string | undefined>;

/** Reads all settings; names every wrong one, not the first alone. */
export function readSettings(environment: Environment): Settings {
  const faults: string[] = [];

  const text = (name: string, fallback: string) => environment[name]?.trim() || fallback;

  const whole = (name: string, fallback: number, least: number, most: number): number => {
    const value = text(name, String(fallback));
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    faults.push(`${name} must be a whole number from ${least} to ${most}, not "${value}"`);
    return fallback;
  };

  const url = (name: string, fallback: string): URL => {
    const value = text(name, fallback);
    const parsed = URL.parse(value);
    if (parsed && /^https?:$/.test(parsed.protocol)) return parsed;
    faults.push(`${name} must be an http:// or https:// address, not "${value}"`);
    return new URL(fallback);
  };

  const cache = text('SITE_CACHE', environment.REDIS_URL ? 'redis' : 'embedded');
  if (cache !== 'redis' && cache !== 'embedded') faults.push(`SITE_CACHE must be redis or embedded, not "${cache}"`);

  const settings: Settings = {
    host: text('HOST', '127.0.0.1'),
    port: whole('SITE_PORT', 8501, 0, 65_535),
    apiUrl: url('API_URL', 'http://127.0.0.1:8080'),
    controlUrl: url('CONTROL_URL', 'http://127.0.0.1:3001'),
    redis: cache === 'redis',
    apiTimeout: whole('SITE_API_TIMEOUT_MS', 5_000, 50, 120_000),
    bodyLimit: whole('SITE_BODY_LIMIT', 1_048_576, 1_024, 104_857_600),
    liveInterval: whole('SITE_LIVE_INTERVAL_MS', 1_000, 100, 60_000),
    liveLimit: whole('SITE_LIVE_LIMIT', 1_000, 1, 100_000),
  };
  if (!/^[\w.:-]+$/.test(settings.host)) faults.push(`HOST must be an address or a host name, not "${settings.host}"`);
  if (faults.length > 0) throw new SettingsError(faults.join('; '));
  return settings;
}
