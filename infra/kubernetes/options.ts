/** The options in which clusters differ, and the names that the manifests share. */

/** Choices of the operator. */
export interface ManifestOptions {
  /** Images of the API and the site, in a registry that the cluster reaches. */
  apiImage: string;
  siteImage: string;
  /** Host name under which browsers reach the site; undefined without an Ingress. */
  host: string | undefined;
  /** Fewest and most pods of the API. */
  replicas: number;
  maxReplicas: number;
  /** Further proxies that may set X-Forwarded-For, such as those of the Ingress: addresses and networks, with commas between. */
  trustedProxies: string;
  /** Whether the secret of the database has the certificate of its authority, under the key `ca.crt`. */
  databaseCa: boolean;
  /** Whether everybody may call the API, which then does not ask who they are. */
  isAnonymous: boolean;
  /** The provider of OpenID Connect by which people sign in; undefined without one. It needs a host. */
  openId: { issuer: string; clientId: string } | undefined;
  namespace: string;
}

/** The parts of cadastro. Each is a Service or a Job with pods of this name. */
export const names = {
  api: 'cadastro-api',
  /** Leads to the address of each router, so that the System page shows all of them. */
  apiPods: 'cadastro-api-pods',
  site: 'cadastro-site',
  /** Leads to the addresses of the site's pods, so that the API can trust them. */
  sitePods: 'cadastro-site-pods',
  redis: 'cadastro-redis',
  migrate: 'cadastro-migrate',
  /** Secrets that the operator creates. Each has a key `url`. That of Redis has a key `password`, too, and that of the database may have `ca.crt`. */
  databaseSecret: 'cadastro-database',
  redisSecret: 'cadastro-redis',
  /** Further Secrets: the key with which the site follows changes, under `key`, and the password at the provider, under `client-secret`. */
  siteKeySecret: 'cadastro-site-key',
  openIdSecret: 'cadastro-openid',
} as const;

export const ports = { http: 8080, status: 3002, site: 8501, redis: 6379 } as const;

/** @returns the settings of API and site that say whether callers need an account or a key, and where people sign in */
export function accessSettings({ isAnonymous, host, openId }: ManifestOptions): Record<string, string> {
  if (isAnonymous) return { AUTH: 'off', ALLOW_ANONYMOUS: '1' };
  return {
    AUTH: 'on',
    // The Ingress ends TLS.
    ...(host !== undefined && { PUBLIC_URL: `https://${host}` }),
    ...(openId && { OIDC_ISSUER: openId.issuer }),
  };
}

/** Folders in which the secrets are mounted. */
export const secretFolders = {
  database: '/run/secrets/database',
  redis: '/run/secrets/redis',
  'site-key': '/run/secrets/site-key',
  openid: '/run/secrets/openid',
} as const;

/** @param part value of `names` @returns the labels by which Services, policies and people find the pods of a part */
export function labelsOf(part: string): Record<string, string> {
  return { 'app.kubernetes.io/part-of': 'cadastro', 'app.kubernetes.io/name': part };
}
