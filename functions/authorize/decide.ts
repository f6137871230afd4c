/** Decides about one request: who calls, and whether the role suffices for the route. */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { type Authenticator, type Caller, credentialOf } from '#lib/accounts/authenticator.ts';
import { isRole, suffices } from '#lib/accounts/roles.ts';
import { HttpError } from '#lib/errors.ts';
import type { Refusal } from '#lib/http/authorization.ts';

/** What the authorizer knows of each route, by route key. */
export type GuardedRoutes = Readonly<
  Record<
    string,
    {
      /** The role that the route needs. */
      readonly role: string;
      /** Whether the route's function answers a refusal with 401, as `serve` does. */
      readonly refuses: boolean;
    }
  >
>;

/** The route's own function reads the caller from this context, or why it must refuse the request. */
type Context = Caller | { readonly refusal: Refusal } | null;

/**
 * Makes the handler.
 *
 * API Gateway answers 403 where `isAuthorized` is false, and it can't add the header WWW-Authenticate to a 401. So a request without
 * a valid credential is let through with a refusal, which `serve` turns into the 401. A function without `serve` would not look at
 * the refusal, so that its route gets the 403.
 * @see infra/docs/decisions/053-accounts.md
 */
export function authorizerOf(
  authenticator: Pick<Authenticator, 'recognize'>,
  routes: GuardedRoutes,
): (
  event: Pick<APIGatewayRequestAuthorizerEventV2, 'headers' | 'routeKey'>,
) => Promise<APIGatewaySimpleAuthorizerWithContextResult<Context>> {
  return async ({ headers, routeKey }) => {
    const { role: needed, refuses = false } = routes[routeKey] ?? {};
    const refuse = (refusal: Refusal) => ({ isAuthorized: refuses, context: { refusal } });
    const credential = credentialOf(headers ?? {});
    if (credential === undefined) return refuse('missing');
    let caller: Caller | undefined;
    try {
      caller = await authenticator.recognize(credential, headers?.['x-session-check'] !== undefined);
    } catch (error) {
      if (refuses && error instanceof HttpError && error.status === 503) return refuse('unavailable');
      throw error;
    }
    if (caller === undefined) return refuse('invalid');
    const isAuthorized = needed === 'public' || (isRole(needed) && suffices(caller.role, needed));
    return { isAuthorized, context: isAuthorized ? caller : null };
  };
}
