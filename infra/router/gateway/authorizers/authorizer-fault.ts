/** Finds authorizers that can't decide about a route, although their settings are well formed. */
import type { Api } from '../../route-configuration.ts';
import type { AuthorizerSettings } from './authorizer-settings.ts';

/**
 * Checks an authorizer against its route.
 * @param functions names of all functions that are served
 * @returns why the route can't have the authorizer; undefined when it can
 */
export function authorizerFault(
  api: Api,
  settings: AuthorizerSettings,
  functions: readonly string[],
): string | undefined {
  if (settings.type === 'unsupported') return undefined;
  if (settings.type === 'jwt') {
    return api === 'http' ? undefined : 'type jwt is for HTTP APIs; take a Lambda authorizer';
  }
  if (!functions.includes(settings.function)) return `there is no function ${settings.function} that can run`;
  if (api === 'url') return 'a function URL has no Lambda authorizer';
  if (api === 'http' && settings.type === 'token') return 'type token is for REST APIs; take type request';
  return undefined;
}
