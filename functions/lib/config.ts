/**
 * The settings of a function process. No other file in functions reads the environment.
 */
import { resolve } from 'node:path';
import type { AccountRules, OpenIdRules, TokenIssuer } from './accounts/account-rules.ts';
import { readAccountRules, readOpenId, readTokenIssuer } from './accounts/account-settings.ts';
import { parseRedisUrl, type RedisAddress } from './cache/redis/redis-address.ts';
import { type Environment, readInteger, readSwitch, secret, setting } from './environment.ts';
import { ConfigurationError } from './errors.ts';

/** The kinds of database. */
export const databaseEngines = ['sqlite', 'postgres'] as const;
export type DatabaseEngine = (typeof databaseEngines)[number];

/** A database in a SQLite file. */
export interface SqliteConfig {
  readonly engine: 'sqlite';
  /** Absolute path of the file. */
  readonly file: string;
  /** SQLite's `synchronous` pragma. With FULL, commits survive a power cut; with NORMAL, only the death of a process. */
  readonly synchronous: 'FULL' | 'NORMAL';
}

/** A database on a PostgreSQL server. */
export interface PostgresConfig {
  readonly engine: 'postgres';
  /** Where the server is, and how it knows this program. */
  readonly client: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password?: string;
    /** False for a connection without TLS. With TLS, certificate and name of the server are always checked. */
    readonly ssl: false | { readonly rejectUnauthorized: true; readonly ca?: string };
    readonly application_name: string;
  };
  /** How many connections this process opens at most. */
  readonly connections: number;
  /** Whether statements are prepared under a name; off for PgBouncer in transaction mode. */
  readonly preparedStatements: boolean;
  /** How long a statement may take; the time of a request if left out. */
  readonly queryTimeoutMs?: number;
}

export type DatabaseConfig = SqliteConfig | PostgresConfig;

/** Checked settings. */
export interface Config {
  readonly database: DatabaseConfig;
  /** Where Redis is; undefined for the embedded cache. */
  readonly redis: RedisAddress | undefined;
  /** How many bytes the cached pages of one resource's list have together before they are removed. */
  readonly cacheListBytes: number;
  /** How many days a deleted user can be restored; 0 for never. */
  readonly binDays: number;
  /** How many days a change of a user is kept; 0 to keep none. */
  readonly historyDays: number;
  readonly accounts: AccountRules;
  /** Undefined where no JWTs are taken. */
  readonly tokenIssuer: TokenIssuer | undefined;
  /** Undefined where people sign in by password alone. */
  readonly openId: OpenIdRules | undefined;
  /** The file of the key that the site uses for itself; undefined where AUTH is off, or the site has none. */
  readonly siteKeyFile: string | undefined;
  readonly logLevel: LogLevel;
  /** Whether the process may be frozen between two invocations, as AWS Lambda does. Its clocks then stand still. */
  readonly mayFreeze: boolean;
}

const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'] as const;
/** The lowest level of log lines that are written. */
export type LogLevel = (typeof logLevels)[number];

/**
 * Reads and checks all settings.
 * @throws {ConfigurationError} with one line that names each invalid setting and its valid values
 */
export function readConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const read = <T>(parse: (environment: Environment) => T): T | undefined => {
    try {
      return parse(environment);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      faults.push(error.message);
      return undefined;
    }
  };
  const options = {
    synchronous: read(readSynchronous),
    password: read((values) => secret(values, 'DATABASE_PASSWORD')),
    ca: read((values) => secret(values, 'DATABASE_CA')),
    budget: read(readInteger('DATABASE_CONNECTIONS', 14, 1, 10_000)),
    sharers: read(readInteger('HOSTED_FUNCTIONS', 10_000, 1, 10_000)),
    preparedStatements: read((values) => readSwitch(values, 'DATABASE_PREPARED_STATEMENTS', 'on')),
  };
  const database = read((values) => readDatabase(values, options as DatabaseOptions));
  const redis = read(readRedis);
  const cacheListBytes = read(readInteger('CACHE_LIST_BYTES', 16_777_216, 65_536, 1_073_741_824));
  const binDays = read(readInteger('BIN_DAYS', 30, 0, 3650));
  const historyDays = read(readInteger('HISTORY_DAYS', 365, 0, 3650));
  const accounts = readAccountRules(read);
  const tokenIssuer = read(readTokenIssuer);
  const openId = read(readOpenId);
  const hasAuth = read((values) => readSwitch(values, 'AUTH', 'off'));
  const keyFile = read((values) => setting(values, 'SITE_KEY_FILE'));
  const logLevel = read(readLogLevel);
  if (faults.length > 0) throw new ConfigurationError(faults.join('; '));
  const mayFreeze = setting(environment, 'AWS_LAMBDA_RUNTIME_API') !== undefined;
  const siteKeyFile = hasAuth && keyFile ? resolve(keyFile) : undefined;
  const rest = { binDays, historyDays, accounts, tokenIssuer, openId, siteKeyFile, logLevel, mayFreeze };
  return { database, redis, cacheListBytes, ...rest } as Config;
}

/** The settings of both engines beside the URL. All are checked, so that a wrong one is found before it is needed. */
interface DatabaseOptions {
  readonly synchronous: SqliteConfig['synchronous'];
  readonly password: string | undefined;
  readonly ca: string | undefined;
  /** How many connections the functions of a router share. */
  readonly budget: number;
  /** How many functions the router hosts, each in a process of its own. A process without a router has one connection. */
  readonly sharers: number;
  readonly preparedStatements: boolean;
}

function readDatabase(environment: Environment, options: DatabaseOptions): DatabaseConfig {
  const url = secret(environment, 'DATABASE_URL') ?? 'sqlite:./data/app.db';
  if (/^postgres(ql)?:/i.test(url)) return readPostgres(url, options);
  return {
    engine: 'sqlite',
    file: readDatabaseFile(url, setting(environment, 'PROJECT_FOLDER')),
    synchronous: options.synchronous,
  };
}

/** Never repeats the URL in a message, because it may contain a password. */
function readPostgres(value: string, options: DatabaseOptions): PostgresConfig {
  const { ca, budget, sharers, preparedStatements } = options;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const database = url?.pathname.slice(1) ?? '';
  const mode = url?.searchParams.get('sslmode') ?? undefined;
  const unknown = [...(url?.searchParams.keys() ?? [])].filter((name) => name !== 'sslmode');
  if (
    url === undefined ||
    url.hostname === '' ||
    url.username === '' ||
    !/^[^/]+$/.test(database) ||
    unknown.length > 0
  ) {
    throw new ConfigurationError(
      'DATABASE_URL must be sqlite:PATH or postgres://USER@HOST:PORT/DATABASE, with ?sslmode=verify-full or disable',
    );
  }
  if (mode !== undefined && !['disable', 'verify-full'].includes(mode)) {
    throw new ConfigurationError('DATABASE_URL: sslmode must be verify-full or disable');
  }
  const password = options.password ?? (url.password && decodeURIComponent(url.password));
  const usesTls = mode === 'verify-full' || (mode === undefined && ca !== undefined);
  return {
    engine: 'postgres',
    client: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 5432),
      database: decodeURIComponent(database),
      user: decodeURIComponent(url.username),
      ...(password && { password }),
      ssl: usesTls && { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
      application_name: 'cadastro',
    },
    connections: Math.max(1, Math.floor(budget / sharers)),
    preparedStatements,
  };
}

/** @param folder where a relative path starts: a hosted function runs in the folder of its bundle */
function readDatabaseFile(value: string, folder = ''): string {
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/is.exec(value)?.[1];
  if (path === undefined || path.startsWith('//')) {
    throw new ConfigurationError(
      'DATABASE_URL must be sqlite:PATH, such as sqlite:./data/app.db, or postgres://USER@HOST:PORT/DATABASE',
    );
  }
  if (path.startsWith(':') || path.includes('\0')) {
    throw new ConfigurationError('DATABASE_URL must name a file, which several processes can share');
  }
  return resolve(folder, path);
}

function readSynchronous(environment: Environment): SqliteConfig['synchronous'] {
  const value = (setting(environment, 'DATABASE_SYNCHRONOUS') ?? 'full').toUpperCase();
  if (value === 'FULL' || value === 'NORMAL') return value;
  throw new ConfigurationError('DATABASE_SYNCHRONOUS must be full or normal');
}

/** Never repeats a value in a message, because it may contain a password. */
function readRedis(environment: Environment): RedisAddress | undefined {
  const url = secret(environment, 'REDIS_URL');
  const password = secret(environment, 'REDIS_PASSWORD');
  const sentinelPassword = secret(environment, 'REDIS_SENTINEL_PASSWORD');
  const ca = secret(environment, 'REDIS_CA');
  if (url === undefined) return undefined;
  const address = parseRedisUrl(url);
  if (address === undefined) {
    throw new ConfigurationError(
      'REDIS_URL must be redis://HOST:PORT, redis-sentinel://HOST:PORT,HOST:PORT/MASTER or redis-cluster://HOST:PORT,HOST:PORT, ' +
        'with an s after redis for TLS (rediss://…), or unset for the embedded cache',
    );
  }
  if (password !== undefined && address.password !== undefined) {
    throw new ConfigurationError('REDIS_PASSWORD and REDIS_URL both have a password; remove one of them');
  }
  if (ca !== undefined && address.tls === undefined) {
    throw new ConfigurationError('REDIS_CA needs a REDIS_URL with TLS, such as rediss://HOST:PORT');
  }
  return {
    ...address,
    password: password ?? address.password,
    sentinelPassword,
    tls: address.tls && (ca === undefined ? {} : { ca }),
  };
}

function readLogLevel(environment: Environment): LogLevel {
  const value = (setting(environment, 'LOG_LEVEL') ?? 'INFO').toUpperCase();
  const level = logLevels.find((known) => known === value);
  if (level !== undefined) return level;
  throw new ConfigurationError(`LOG_LEVEL must be one of ${logLevels.join(', ')}`);
}
