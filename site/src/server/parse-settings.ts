/** Parses the settings of the site server. `infra/docs/settings.md` describes each of them. */
import { parsePublicUrl } from '../../../infra/http/public-url.ts';
import { accessFaults, hasAuth } from '../../../infra/http/reach.ts';
import { isHostRule } from './allowed-hosts.ts';
import { isProxyRule } from './client-address.ts';
import { defaultLimits, type TableLimits } from './imports/table/table.ts';

/** The checked settings. Each comment names the environment variable. */
export interface Settings {
  /** HOST: the address to listen at. */
  host: string;
  /** SITE_PORT; 0 lets the system choose a free one. */
  port: number;
  /** PUBLIC_URL: the address by which people reach the site; undefined where it is not set. */
  publicUrl: URL | undefined;
  /** AUTH: whether visitors must sign in. */
  auth: boolean;
  /** AUTH_CACHE_MS: for how long the API's gateway takes a session for active. */
  authCacheMs: number;
  /** SITE_KEY_FILE: the file with the API key by which the site follows changes; undefined where AUTH is off. */
  siteKeyFile: string | undefined;
  /** OIDC_ISSUER: the provider of OpenID Connect, by which the API signs people in; undefined without one. */
  openIdIssuer: URL | undefined;
  /** API_URL: the API, which the router serves. */
  apiUrl: URL;
  /** STATUS_URL: the status servers of the routers, for the System page. */
  statusUrls: URL[];
  /** SITE_CONTAINERS: the names of the containers of site, router and cache, for the System page; empty where there are none. */
  containers: string[];
  /** SITE_API_TIMEOUT_MS: the time that the API has for an answer. */
  apiTimeoutMs: number;
  /** ALLOWED_HOSTS: the host names that the site answers to, besides loopback names and IP addresses. */
  allowedHosts: string[];
  /** TRUSTED_PROXIES: the proxies whose X-Forwarded-For counts. */
  trustedProxies: string[];
  /** MAX_HEADER_BYTES: the largest request line and headers. */
  maxHeaderBytes: number;
  /** HEADERS_TIMEOUT_MS: the time that a client has to send its headers. */
  headersTimeoutMs: number;
  /** REQUEST_TIMEOUT_MS: the time that a client has to send its request, and to read on in an answer. */
  requestTimeoutMs: number;
  /** KEEP_ALIVE_TIMEOUT_MS: the time that an idle connection stays open. */
  keepAliveTimeoutMs: number;
  /** DRAIN_DELAY_MS: the time that the site takes requests after SIGTERM, so that load balancers notice that it stops. */
  drainDelayMs: number;
  /** PIPELINE_LIMIT: how many requests may wait on one connection for the response before them. */
  pipelineLimit: number;
  /** SITE_CONNECTION_LIMIT: the number of open connections. */
  maxConnections: number;
  /** SITE_CONNECTION_CLIENT_LIMIT: the same of one client. */
  maxConnectionsPerClient: number;
  /** SITE_REQUEST_LIMIT: the number of requests in flight, event streams not included. */
  maxRequests: number;
  /** SITE_REQUEST_CLIENT_LIMIT: the same of one client. */
  maxRequestsPerClient: number;
  /** SITE_PAGE_QUEUE: the number of pages that wait for their turn. */
  maxWaitingPages: number;
  /** SITE_BODY_LIMIT: the largest body of a request to the site. */
  maxBodyBytes: number;
  /** SITE_FORM_BYTES: the size of all forms in memory. */
  maxFormBytes: number;
  /** SITE_FORM_CLIENT_BYTES: the same of one client. */
  maxClientFormBytes: number;
  /** SITE_FORM_FIELDS: the number of fields of a form. */
  maxFormFields: number;
  /** SITE_DELETE_LIMIT: the number of users that one form may delete. */
  maxDeletions: number;
  /** SITE_RESPONSE_BYTES: the size of all answers that nobody reads. */
  maxUnreadBytes: number;
  /** SITE_TABLE_…: the bounds of a file with a table. */
  tableLimits: TableLimits;
  /** SITE_DATA: the folder of the site's own data, which are the imports. */
  dataFolder: string;
  /** SITE_UPLOAD_LIMIT: the largest file of an import. */
  maxUploadBytes: number;
  /** SITE_IMPORT_LIMIT: the number of imports that the site keeps. */
  maxImports: number;
  /** SITE_IMPORT_DRAFTS: the number of files that it keeps before they are imported. */
  maxDrafts: number;
  /** SITE_IMPORT_REQUEST_LIMIT: the number of files that it receives and reads at once. */
  maxImportRequests: number;
  /** SITE_IMPORT_REQUEST_CLIENT_LIMIT: the same of one client. */
  maxImportRequestsPerClient: number;
  /** SITE_EXPORT_LIMIT: the number of exports that it writes at once. */
  maxExports: number;
  /** SITE_EXPORT_CLIENT_LIMIT: the same of one client. */
  maxExportsPerClient: number;
  /** SITE_TABLE_QUEUE: the number of files that wait to be read. */
  maxWaitingReads: number;
  /** SITE_IMPORT_DAYS: the days that it keeps them. */
  importDays: number;
  /** SITE_CACHE_BYTES: the size of the lists that the site keeps. */
  maxCacheBytes: number;
  /** SITE_LIVE_INTERVAL_MS: the time between two polls for changes, while a page listens. */
  pollIntervalMs: number;
  /** SITE_LIVE_LIMIT: the number of event streams that may be open at once. */
  maxEventStreams: number;
  /** SITE_LIVE_CLIENT_LIMIT: the same of one client. */
  maxEventStreamsPerClient: number;
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

  const parseUrl = (name: string, value: string, fallback: string): URL => {
    const parsed = URL.parse(value);
    if (parsed && /^https?:$/.test(parsed.protocol)) return parsed;
    faults.push(`${name} must be an http:// or https:// address, not "${value}"`);
    return new URL(fallback);
  };
  const url = (name: string, fallback: string): URL => parseUrl(name, text(name, fallback), fallback);

  const urls = (name: string, fallback: string): URL[] =>
    text(name, fallback)
      .split(',')
      .map((value) => parseUrl(name, value.trim(), fallback));

  const list = (name: string, isValid: (item: string) => boolean, form: string): string[] => {
    const items = text(name, '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    const wrong = items.find((item) => !isValid(item));
    if (wrong !== undefined) faults.push(`${name} must hold ${form}, with commas between them, not "${wrong}"`);
    return items;
  };

  const publicAddress = parsePublicUrl(environment.PUBLIC_URL);
  faults.push(...publicAddress.faults);
  const requestTimeoutMs = integer('REQUEST_TIMEOUT_MS', 30_000, 100, 3_600_000);
  const settings: Settings = {
    host: text('HOST', '127.0.0.1'),
    port: integer('SITE_PORT', 8501, 0, 65_535),
    publicUrl: publicAddress.url,
    openIdIssuer: text('OIDC_ISSUER', '') === '' ? undefined : url('OIDC_ISSUER', 'http://127.0.0.1'),
    auth: hasAuth(environment),
    authCacheMs: integer('AUTH_CACHE_MS', 5_000, 0, 300_000),
    siteKeyFile: text('SITE_KEY_FILE', '') || undefined,
    apiUrl: url('API_URL', 'http://127.0.0.1:8080'),
    statusUrls: urls('STATUS_URL', 'http://127.0.0.1:3002'),
    containers: list('SITE_CONTAINERS', (name) => /^[\w.-]{1,63}$/.test(name), 'names of containers'),
    apiTimeoutMs: integer('SITE_API_TIMEOUT_MS', 5_000, 50, 120_000),
    allowedHosts: [
      ...list('ALLOWED_HOSTS', isHostRule, 'host names, .names for their subdomains too, or *'),
      ...(publicAddress.url ? [publicAddress.url.hostname] : []),
    ],
    trustedProxies: list('TRUSTED_PROXIES', isProxyRule, 'IP addresses, ranges like 10.0.0.0/8 or host names'),
    maxHeaderBytes: integer('MAX_HEADER_BYTES', 16_384, 1_024, 1_048_576),
    // The headers are part of the request, and Node.js refuses a longer time for them.
    headersTimeoutMs: Math.min(integer('HEADERS_TIMEOUT_MS', 10_000, 100, 3_600_000), requestTimeoutMs),
    requestTimeoutMs,
    keepAliveTimeoutMs: integer('KEEP_ALIVE_TIMEOUT_MS', 65_000, 0, 3_600_000),
    drainDelayMs: integer('DRAIN_DELAY_MS', 0, 0, 900_000),
    pipelineLimit: integer('PIPELINE_LIMIT', 16, 1, 1_000),
    maxConnections: integer('SITE_CONNECTION_LIMIT', 2_000, 1, 100_000),
    maxConnectionsPerClient: integer('SITE_CONNECTION_CLIENT_LIMIT', 500, 1, 100_000),
    maxRequests: integer('SITE_REQUEST_LIMIT', 128, 1, 100_000),
    maxRequestsPerClient: integer('SITE_REQUEST_CLIENT_LIMIT', 64, 1, 100_000),
    maxWaitingPages: integer('SITE_PAGE_QUEUE', 64, 1, 100_000),
    maxBodyBytes: integer('SITE_BODY_LIMIT', 1_048_576, 1_024, 104_857_600),
    maxFormBytes: integer('SITE_FORM_BYTES', 16_777_216, 1_024, 1_073_741_824),
    maxClientFormBytes: integer('SITE_FORM_CLIENT_BYTES', 4_194_304, 1_024, 1_073_741_824),
    maxFormFields: integer('SITE_FORM_FIELDS', 2_000, 100, 100_000),
    maxDeletions: integer('SITE_DELETE_LIMIT', 100, 1, 1_000),
    tableLimits: {
      maxRows: integer('SITE_TABLE_ROWS', defaultLimits.maxRows, 1, 1_000_000),
      maxCells: integer('SITE_TABLE_CELLS', defaultLimits.maxCells, 1, 100_000_000),
      maxCharacters: integer('SITE_TABLE_CHARACTERS', defaultLimits.maxCharacters, 1_024, 1_073_741_824),
      maxUnpackedBytes: integer('SITE_TABLE_UNPACKED_BYTES', defaultLimits.maxUnpackedBytes, 1_024, 1_073_741_824),
      maxHeapMb: integer('SITE_TABLE_HEAP_MB', defaultLimits.maxHeapMb, 32, 65_536),
      maxMemoryMb: integer('SITE_TABLE_MEMORY_MB', defaultLimits.maxMemoryMb, 96, 65_536),
      timeoutMs: integer('SITE_TABLE_TIMEOUT_MS', defaultLimits.timeoutMs, 100, 3_600_000),
    },
    maxUnreadBytes: integer('SITE_RESPONSE_BYTES', 67_108_864, 1_048_576, 1_073_741_824),
    maxWaitingReads: integer('SITE_TABLE_QUEUE', 8, 1, 1_000),
    dataFolder: text('SITE_DATA', 'data/site'),
    maxUploadBytes: integer('SITE_UPLOAD_LIMIT', 20_971_520, 1_024, 1_073_741_824),
    maxImports: integer('SITE_IMPORT_LIMIT', 20, 1, 1_000),
    maxDrafts: integer('SITE_IMPORT_DRAFTS', 20, 1, 1_000),
    maxImportRequests: integer('SITE_IMPORT_REQUEST_LIMIT', 16, 1, 1_000),
    maxImportRequestsPerClient: integer('SITE_IMPORT_REQUEST_CLIENT_LIMIT', 4, 1, 1_000),
    maxExports: integer('SITE_EXPORT_LIMIT', 8, 1, 1_000),
    maxExportsPerClient: integer('SITE_EXPORT_CLIENT_LIMIT', 4, 1, 1_000),
    importDays: integer('SITE_IMPORT_DAYS', 30, 1, 3_650),
    maxCacheBytes: integer('SITE_CACHE_BYTES', 16_777_216, 0, 1_073_741_824),
    pollIntervalMs: integer('SITE_LIVE_INTERVAL_MS', 1_000, 100, 60_000),
    maxEventStreams: integer('SITE_LIVE_LIMIT', 1_000, 1, 100_000),
    maxEventStreamsPerClient: integer('SITE_LIVE_CLIENT_LIMIT', 100, 1, 100_000),
  };
  if (!/^[\w.:-]+$/.test(settings.host)) faults.push(`HOST must be an address or a host name, not "${settings.host}"`);
  faults.push(...accessFaults(environment));
  if (faults.length > 0) throw new SettingsError(faults.join('; '));
  return settings;
}
