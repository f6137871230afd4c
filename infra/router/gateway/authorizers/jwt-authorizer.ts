/**
 * JWT authorizers of HTTP APIs: a token of an issuer decides who may call a route.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { log } from '../../process/log.ts';
import { problems } from '../gateway-problems.ts';
import { type Authorizer, type AuthorizerRequest, type Decision, refuse } from './authorizer.ts';
import type { JwtSettings } from './authorizer-settings.ts';
import { claimsAsText } from './claims.ts';
import { type Identity, identityReader } from './identity-sources.ts';
import { IssuerError } from './issuer-keys.ts';
import type { KeptDecisions } from './kept-decisions.ts';

/** A token that was verified. */
export interface VerifiedToken {
  /** As functions get them. */
  claims: Record<string, string>;
  scopes: string[];
}

/** A claim is not as API Gateway wants it. */
class ClaimError extends Error {
  override name = 'Claim';
}

/** API Gateway takes RSA keys only. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** How long a verified token is kept (ms). It is kept no longer than it is valid. */
const keptMs = 300_000;

/** Verifies tokens, and keeps the verified ones. */
export class JwtAuthorizer implements Authorizer {
  readonly #settings: JwtSettings;
  readonly #keys: JWTVerifyGetKey;
  readonly #kept: KeptDecisions<VerifiedToken>;
  readonly #identityOf: (request: AuthorizerRequest) => Identity | undefined;

  /** @throws ConfigurationError for an identity source that the router does not know */
  constructor(settings: JwtSettings, keys: JWTVerifyGetKey, kept: KeptDecisions<VerifiedToken>) {
    this.#settings = settings;
    this.#keys = keys;
    this.#kept = kept;
    this.#identityOf = identityReader([settings.identitySource]);
  }

  authorize(request: AuthorizerRequest): Decision | Promise<Decision> {
    const token = this.#identityOf(request)?.values[0]?.replace(/^bearer(?: +|$)/i, '');
    if (!token) return refuse(problems.unauthorized('Bearer'));
    const verified = this.#kept.get(token);
    if (verified) return this.#decide(verified, request);
    return this.#kept
      .share(token, () => this.#verify(token))
      .then(
        (value) => this.#decide(value, request),
        (error: Error) => {
          if (error instanceof IssuerError) {
            const cause = error.cause instanceof Error ? error.cause.message : undefined;
            log.error("The keys of a token's issuer can't be read", {
              ...{ requestId: request.requestId, issuer: this.#settings.issuer },
              errorMessage: cause ?? error.message,
            });
          }
          const why = describe(error).replaceAll(/[^ -~]|["\\]/g, '');
          return refuse(problems.unauthorized(`Bearer scope="" error="invalid_token" error_description="${why}"`));
        },
      );
  }

  #decide({ claims, scopes }: VerifiedToken, { payloadFormatVersion }: AuthorizerRequest): Decision {
    const wanted = this.#settings.scopes;
    if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(scope))) {
      return refuse(problems.forbidden(`Bearer scope="${wanted.join(' ')}" error="insufficient_scope"`));
    }
    const jwt = { claims, scopes: wanted.length > 0 ? scopes : null };
    return { isAllowed: true, context: payloadFormatVersion === '2.0' ? { jwt } : jwt };
  }

  async #verify(token: string): Promise<{ value: VerifiedToken; validMs: number }> {
    const { payload, protectedHeader } = await jwtVerify(token, this.#keys, {
      ...{ algorithms, issuer: this.#settings.issuer },
      requiredClaims: ['exp'],
    });
    if (protectedHeader.kid === undefined) throw new ClaimError('the token has no kid');
    const now = Date.now() / 1000;
    if (payload.iat !== undefined && payload.iat > now) throw new ClaimError('the token was issued in the future');
    const audience = [payload.aud ?? payload.client_id].flat();
    if (!audience.some((one) => this.#settings.audience.includes(one as string))) {
      throw new ClaimError('the token does not have a valid audience');
    }
    const validMs = Math.min(keptMs, ((payload.exp as number) - now) * 1000);
    return { value: { claims: claimsAsText(payload), scopes: scopesOf(payload) }, validMs };
  }
}

function scopesOf({ scope, scp }: JWTPayload): string[] {
  return [scope ?? scp ?? []].flat().flatMap((one) => String(one).split(' ').filter(Boolean));
}

/** @returns why a token is invalid, in API Gateway's words where they are known */
function describe(error: Error): string {
  if (error instanceof ClaimError) return error.message;
  if (error instanceof IssuerError) return error.message;
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `the token does not have a valid ${error.claim}`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the signing method of the token is invalid';
  if (error instanceof errors.JWKSNoMatchingKey) return "the issuer has no key with the token's kid";
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is invalid';
  return 'the token is malformed';
}
