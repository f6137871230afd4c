/**
 * The settings, read from the environment in this file alone, and checked before anything uses them.
 */
import { isAbsolute, resolve } from 'node:path';
import { ConfigurationError } from './errors.ts';

export interface Config {
  /** Absolute path of the SQLite file. */
  readonly databaseFile: string;
  /** SQLite's `synchronous` pragma: FULL survives a power cut, NORMAL only the death of processes. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Where Redis is; undefined for the embedded cache. */
  readonly redisUrl: string | undefined;
  readonly logLevel: LogLevel;
}

const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'] as const;
export type LogLevel = (typeof logLevels)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks all settings.
 * @throws {ConfigurationError} that names each wrong setting and says what it may be
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
  const databaseFile = read(readDatabaseFile);
  const synchronous = read(readSynchronous);
  const redisUrl = read(readRedisUrl);
  const logLevel = read(readLogLevel);
  if (databaseFile === undefined || synchronous === undefined || logLevel === undefined || faults.length > 0) {
    throw new ConfigurationError(faults.join('; '));
  }
  return { databaseFile, synchronous, redisUrl, logLevel };
}

/** An empty setting counts as one that is not there: that is what compose makes of `${NAME:-}`. */
function setting(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

function readDatabaseFile(environment: Environment): string {
  const value = setting(environment, 'DATABASE_URL') ?? 'sqlite:./data/app.db';
  if (/^postgres(ql)?:/i.test(value)) {
    throw new ConfigurationError('DATABASE_URL: PostgreSQL is not supported in this version; use sqlite:PATH');
  }
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/is.exec(value)?.[1];
  if (path === undefined || path.startsWith('//')) {
    throw new ConfigurationError('DATABASE_URL must be sqlite:PATH, such as sqlite:./data/app.db');
  }
  if (path.startsWith(':') || path.includes('\0')) {
    throw new ConfigurationError('DATABASE_URL must name a file, which several processes can share');
  }
  return isAbsolute(path) ? path : resolve(path);
}

function readSynchronous(environment: Environment): Config['synchronous'] {
  const value = (setting(environment, 'DATABASE_SYNCHRONOUS') ?? 'full').toUpperCase();
  if (value === 'FULL' || value === 'NORMAL') return value;
  throw new ConfigurationError('DATABASE_SYNCHRONOUS must be full or normal');
}

/** The value itself is never repeated in a message: it may hold a password. */
function readRedisUrl(environment: Environment): string | undefined {
  const value = setting(environment, 'REDIS_URL');
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const valid =
    url !== undefined && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^\/?\d*$/.test(url.pathname);
  if (valid) return value;
  throw new ConfigurationError(
    'REDIS_URL must be redis://HOST:PORT or rediss://HOST:PORT, or unset for the embedded cache',
  );
}

function readLogLevel(environment: Environment): LogLevel {
  const value = (setting(environment, 'LOG_LEVEL') ?? 'INFO').toUpperCase();
  const level = logLevels.find((known) => known === value);
  if (level !== undefined) return level;
  throw new ConfigurationError(`LOG_LEVEL must be one of ${logLevels.join(', ')}`);
}
