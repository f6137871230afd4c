/**
 * Asks a provider of OpenID Connect who a person is: authorization code flow with PKCE, state and nonce.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 * @see infra/docs/decisions/056-openid-connect.md
 */
import * as client from 'openid-client';
import { log } from '../../logger.ts';
import type { OpenIdRules } from '../account-rules.ts';
import { roleOfClaim } from '../roles.ts';
import type { Identity } from './identities.ts';
import { OpenIdFailed, ProviderUnavailable } from './openid-errors.ts';
import { Tickets, ticketSeconds } from './ticket.ts';

/** One answer of the provider may take so long; a sign-in needs up to three. */
const answerTimeoutSeconds = 10;
/** A provider that failed is asked again after this time. */
const failurePauseMs = 2000;

/** A sign-in that has begun. */
export interface BegunSignIn {
  /** The page of the provider to which the browser goes. */
  readonly url: string;
  /** For the browser that goes there, and nobody else. */
  readonly ticket: string;
  /** ISO 8601 in UTC. */
  readonly expiresAt: string;
}

type Claims = Readonly<Record<string, unknown>>;

/** The configured provider. */
export class OpenIdProvider {
  readonly #rules: OpenIdRules;
  readonly #tickets: Tickets;
  #configuration: Promise<client.Configuration> | undefined;
  #pausedUntil = 0;

  constructor(rules: OpenIdRules) {
    this.#rules = rules;
    this.#tickets = new Tickets(rules.clientSecret, `${rules.issuer} ${rules.clientId}`);
  }

  /**
   * Begins a sign-in.
   * @throws {ProviderUnavailable}
   */
  async begin(): Promise<BegunSignIn> {
    const configuration = await this.#discover();
    const ticket = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#rules.redirectUri,
      scope: 'openid profile email',
      state: ticket.state,
      nonce: ticket.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(ticket.codeVerifier),
      code_challenge_method: 'S256',
    });
    const expiresAt = new Date(Date.now() + ticketSeconds * 1000).toISOString();
    return { url: url.href, ticket: await this.#tickets.seal(ticket), expiresAt };
  }

  /**
   * Finishes a sign-in. No token of the provider is kept.
   * @param sealed the ticket of the browser
   * @param query with which the provider has sent the browser back
   * @throws {OpenIdFailed} when state, nonce, issuer, signature or time are wrong, or the person was refused
   * @throws {ProviderUnavailable}
   */
  async finish(sealed: string, query: string): Promise<Identity> {
    const { state, nonce, codeVerifier } = await this.#tickets.open(sealed);
    const configuration = await this.#discover();
    const returned = new URL(this.#rules.redirectUri);
    returned.search = query;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, returned, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true },
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new OpenIdFailed();
      return this.#identityOf({ ...(await this.#moreClaims(configuration, tokens.access_token, claims)), ...claims });
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Some providers put the role, or the name, in their answer about the user alone. */
  async #moreClaims(configuration: client.Configuration, accessToken: string, claims: Claims): Promise<Claims> {
    const isComplete = claims[this.#rules.roleClaim] !== undefined && claims.name !== undefined;
    if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    return client.fetchUserInfo(configuration, accessToken, String(claims.sub));
  }

  #identityOf(claims: Claims): Identity {
    const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : '');
    return {
      issuer: text('iss'),
      subject: text('sub'),
      name: text('name') || text('preferred_username') || text('email'),
      email: claims.email_verified === true ? text('email') || null : null,
      role: roleOfClaim(claims[this.#rules.roleClaim]),
    };
  }

  #discover(): Promise<client.Configuration> {
    if (this.#configuration === undefined) {
      if (performance.now() < this.#pausedUntil) return Promise.reject(new ProviderUnavailable());
      this.#pausedUntil = performance.now() + failurePauseMs;
      this.#configuration = this.#readConfiguration().catch((error) => {
        this.#configuration = undefined;
        throw failureOf(error);
      });
    }
    return this.#configuration;
  }

  #readConfiguration(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = this.#rules;
    const url = new URL(issuer);
    return client.discovery(url, clientId, undefined, client.ClientSecretBasic(clientSecret), {
      timeout: answerTimeoutSeconds,
      execute: [
        // The signature of the ID token is checked although it comes from the provider itself over TLS.
        client.enableNonRepudiationChecks,
        // The settings allow this on the loopback address alone.
        ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : []),
      ],
    });
  }
}

/** Answers of the token endpoint that say that the code is wrong. All others say that this program is. */
const wrongCode = 'invalid_grant';

/** @returns the error for the client. The cause of the library's error may have tokens and claims in it, so the log gets neither. */
function failureOf(error: unknown): Error {
  if (error instanceof OpenIdFailed || error instanceof ProviderUnavailable) return error;
  const { name, message, code } = error as Error & { code?: string };
  const isRefused =
    error instanceof client.AuthorizationResponseError ||
    (error instanceof client.ResponseBodyError && error.error === wrongCode) ||
    (error instanceof client.ClientError && !/^OAUTH_(TIMEOUT|ABORT|RESPONSE_IS_NOT_)/.test(code ?? ''));
  if (isRefused) {
    log.info('The answer of the provider was refused', { reason: name, code, explanation: message });
    return new OpenIdFailed();
  }
  log.error('The provider of OpenID Connect failed', { reason: name, code, explanation: message });
  return new ProviderUnavailable();
}
