/** Reads a REDIS_URL: the kind of Redis, its servers, and the credentials. */

/** The kinds of Redis, by the scheme of their URLs without the `s` of TLS. */
export const redisEngines = ['redis', 'redis-sentinel', 'redis-cluster'] as const;
export type RedisEngine = (typeof redisEngines)[number];

/** A host name or an IP address, and a port. */
export interface Server {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, and how a client introduces itself. */
export interface RedisAddress {
  readonly engine: RedisEngine;
  /** One server, or the Sentinels, or nodes of the cluster. */
  readonly servers: readonly [Server, ...Server[]];
  /** The name of the master that Sentinels watch; empty for other engines. */
  readonly masterName: string;
  /** The number of the database; 0 in a cluster. */
  readonly database: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly sentinelPassword?: string | undefined;
  /** Set for TLS. `ca` holds further certificate authorities as PEM. */
  readonly tls?: { readonly ca?: string } | undefined;
}

const form = /^redis(s?)(-sentinel|-cluster)?:\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^/?#]*))?$/;

/**
 * Reads a URL such as `rediss://user:password@host:6380/2`, `redis-sentinel://host:26379,host:26379/master` or
 * `redis-cluster://host:6379,host:6379`.
 * @returns undefined for any other text
 */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  const [matched, secure, kind = '', credentials = '', hosts = '', path = ''] = form.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const engine = `redis${kind}` as RedisEngine;
  const [first, ...others] = hosts.split(',').map((host) => parseServer(host, kind === '-sentinel' ? 26_379 : 6_379));
  const hasPath = { redis: /^\d{0,4}$/, 'redis-sentinel': /^[\w.-]+$/, 'redis-cluster': /^$/ }[engine].test(path);
  const login = parseCredentials(credentials);
  if (!hasPath || login === undefined || first === undefined || (engine === 'redis' && others.length > 0))
    return undefined;
  if (others.some((server) => server === undefined)) return undefined;
  return {
    engine,
    servers: [first, ...(others as Server[])],
    masterName: engine === 'redis-sentinel' ? path : '',
    database: engine === 'redis' ? Number(path) : 0,
    ...login,
    tls: secure === '' ? undefined : {},
  };
}

function parseServer(text: string, defaultPort: number): Server | undefined {
  const url = `http://${text}`;
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(text) || !URL.canParse(url)) return undefined;
  const port = /:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1];
  return { host: text.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'), port: Number(port ?? defaultPort) };
}

function parseCredentials(text: string): Pick<RedisAddress, 'username' | 'password'> | undefined {
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  try {
    return { username: decodeURIComponent(username) || undefined, password: decodeURIComponent(password) || undefined };
  } catch {
    return undefined;
  }
}
