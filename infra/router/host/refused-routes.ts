/** Refuses the routes of a project whose authorizer can't decide, so that the router serves the others. */
import { authorizerFault } from '../gateway/authorizers/authorizer-fault.ts';
import { type AuthorizerSettings, parseAuthorizer } from '../gateway/authorizers/authorizer-settings.ts';
import type { Api } from '../route-configuration.ts';

/** The settings of an entry of the manifest that concern its authorizers. */
export interface AuthorizedEntry {
  route?: unknown;
  /** Of the routes that name none. */
  authorizer?: unknown;
}

/** An entry whose authorizers the router takes. */
export interface CheckedEntry {
  entry: Record<string, unknown>;
  /** One sentence for each route that is refused. */
  refusals: string[];
}

/**
 * Replaces each authorizer that can't decide by one that refuses every request, also with ALLOW_UNAUTHORIZED.
 * @param entry     of the manifest
 * @param functions names of the functions that can run
 */
export function refuseRoutes(entry: AuthorizedEntry, functions: readonly string[]): CheckedEntry {
  const { authorizer: common, ...others } = entry;
  const refusals: string[] = [];
  const routes = [entry.route ?? []].flat().map((one: unknown) => {
    const route = typeof one === 'string' ? { key: one } : Object(one);
    const { key, api = 'http', authorizer = common } = route;
    const fault = faultOf(authorizer, api, functions);
    if (fault === undefined) return authorizer === undefined ? one : { ...route, authorizer };
    refusals.push(`the route "${key}" answers 501, because its authorizer can't decide: ${fault}`);
    const refusing: AuthorizerSettings = { type: 'unsupported', name: String(authorizer?.type), fault };
    return { ...route, authorizer: refusing };
  });
  return { entry: { ...others, route: routes }, refusals };
}

function faultOf(value: unknown, api: Api, functions: readonly string[]): string | undefined {
  try {
    const settings = parseAuthorizer(value, (message) => {
      throw new Error(message);
    });
    return settings && authorizerFault(api, settings, functions);
  } catch (error) {
    return (error as Error).message;
  }
}
