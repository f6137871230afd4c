/** Verifies JWTs of the configured issuer. */
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { log } from '../logger.ts';
import { isPlainText, lengthOf, removeInvisible } from '../text.ts';
import type { TokenIssuer } from './account-rules.ts';
import type { VerifyToken } from './authenticator.ts';
import { roleOfClaim } from './roles.ts';

/** Asymmetric algorithms. With a symmetric one, everybody who can verify a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** How long one answer of the issuer may take. */
const fetchTimeoutMs = 5000;
/** @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
const maxSubjectCharacters = 255;
/** As many as the name of a person here may have. */
const maxNameCharacters = 100;
/** An issuer that failed is asked again after this time. */
const failurePauseMs = 2000;

/**
 * @param issuer of the tokens
 * @returns a function that recognizes the caller of a token; its role is the highest one that the role claim names
 */
export function tokenVerifier({ url, audience, roleClaim }: TokenIssuer): VerifyToken {
  const keys = discoveredKeys(url);
  return async (token) => {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, {
        ...{ issuer: url, audience, algorithms },
        requiredClaims: ['exp', 'sub'],
      }));
    } catch (error) {
      log.debug('A token was refused', { error: error as Error });
      return undefined;
    }
    const { sub: subject, exp = 0 } = payload;
    // The history names the caller by it, so every token of the issuer must have one of its own.
    if (!isShortText(subject, maxSubjectCharacters)) {
      log.debug('A token was refused', { reason: 'sub is not a text of 1 to 255 characters' });
      return undefined;
    }
    const role = roleOfClaim(payload[roleClaim]);
    if (role === undefined) return undefined;
    const name = typeof payload.name === 'string' ? removeInvisible(payload.name).trim() : '';
    const actorName = isShortText(name, maxNameCharacters) ? name : subject;
    return { actorKind: 'person', actorId: `jwt:${subject}`, actorName, role, expiresAt: exp * 1000 };
  };
}

function isShortText(value: unknown, maxCharacters: number): value is string {
  return typeof value === 'string' && value !== '' && lengthOf(value) <= maxCharacters && isPlainText(value);
}

/** Finds the keys by OpenID discovery. @see https://openid.net/specs/openid-connect-discovery-1_0.html */
function discoveredKeys(issuer: string): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let pausedUntil = 0;
  return async (header, token) => {
    if (keys === undefined) {
      if (performance.now() < pausedUntil) throw new Error('The issuer did not answer a moment ago');
      pausedUntil = performance.now() + failurePauseMs;
      keys = discover(issuer);
      keys.catch((error: Error) => {
        keys = undefined;
        log.error("The keys of the tokens' issuer can't be read", { issuer, error });
      });
    }
    return (await keys)(header, token);
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(fetchTimeoutMs),
  });
  if (!response.ok) throw new Error(`The issuer answers ${response.status}`);
  const { jwks_uri: uri } = (await response.json()) as { jwks_uri?: unknown };
  return createRemoteJWKSet(new URL(String(uri)), { timeoutDuration: fetchTimeoutMs });
}
