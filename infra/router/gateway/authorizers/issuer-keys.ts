/** Fetches the keys of a token's issuer: OpenID discovery, then the JSON Web Key Set that it names. */
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { isObject } from './policy.ts';

/** The issuer gives no keys. The message is API Gateway's. */
export class IssuerError extends Error {
  override name = 'Issuer';
}

/** How long one answer of an issuer may take (ms). */
const fetchTimeoutMs = 5000;
/** Most bytes of one answer of an issuer. */
const maxAnswerBytes = 512 * 1024;
/** How long keys are kept (ms). API Gateway keeps them for two hours at most. */
const keysValidMs = 2 * 60 * 60 * 1000;
/** An unknown key makes the router fetch the keys again, at most once in this time (ms). */
const refreshPauseMs = 30_000;
/** The router asks an issuer that failed again after this time (ms). */
const failurePauseMs = 2000;

/**
 * @param issuer URL of the issuer; /.well-known/openid-configuration below it names the keys
 * @returns a function that finds the key of a token, for jose
 */
export function issuerKeys(issuer: string): JWTVerifyGetKey {
  const fetchJson = pausingFetch();
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let validUntil = 0;
  const discover = async () => {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    return createRemoteJWKSet(await fetchJson(url, keysUrlOf), {
      timeoutDuration: fetchTimeoutMs,
      cooldownDuration: refreshPauseMs,
      cacheMaxAge: keysValidMs,
      [customFetch]: async (url) => Response.json(await fetchJson(url, keySetOf)),
    });
  };
  return async (header, token) => {
    if (performance.now() >= validUntil) keys = undefined;
    if (!keys) {
      validUntil = performance.now() + keysValidMs;
      keys = discover();
      keys.catch(() => {
        keys = undefined;
      });
    }
    const find = await keys.catch((cause) => {
      throw new IssuerError('OIDC discovery endpoint communication error', { cause });
    });
    return find(header, token);
  };
}

/** @returns the address of the keys @throws IssuerError without one */
function keysUrlOf(discovery: unknown): URL {
  const url = URL.parse(String(isObject(discovery) ? discovery.jwks_uri : ''));
  if (!url) throw new IssuerError('the discovery document has no "jwks_uri"');
  return url;
}

/**
 * @returns the key set without the members that are no keys, so that one of them does not spoil the others (RFC 7517, section 5)
 * @throws IssuerError for any other document
 */
function keySetOf(document: unknown): { keys: object[] } {
  if (!isObject(document) || !Array.isArray(document.keys)) throw new IssuerError('the key set has no list of "keys"');
  return { keys: document.keys.filter(isObject) };
}

/**
 * @returns a function that fetches JSON, with limits of time and size, and gives what `read` makes of it. After a failure, also
 *   one of `read`, it fails for a while without asking
 */
function pausingFetch(): <T>(url: string, read: (json: unknown) => T) => Promise<T> {
  let pausedUntil = 0;
  let failure: unknown;
  return async (url, read) => {
    if (performance.now() < pausedUntil) throw failure;
    try {
      const response = await fetch(url, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(fetchTimeoutMs),
      });
      if (!response.ok) throw new IssuerError(`${url} answers ${response.status}`);
      return read(JSON.parse((await readAtMost(response, maxAnswerBytes)).toString()));
    } catch (error) {
      pausedUntil = performance.now() + failurePauseMs;
      failure = error instanceof IssuerError ? error : new IssuerError(`${url} can't be read`, { cause: error });
      throw failure;
    }
  };
}

async function readAtMost({ url, body }: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new IssuerError(`${url} answers more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
