/** With AUTH=on, one function decides who may call the routes that have no authorizer of their own. */
import { type Config, ConfigurationError } from '../../config.ts';
import type { FunctionConfiguration } from '../../manifest.ts';
import type { LambdaSettings } from './authorizer-settings.ts';

/** Name of the function that decides. */
export const authorizerName = 'authorize';

/**
 * Gives routes the function `authorize` as their authorizer, and keeps an environment of it warm. Functions whose role is "public"
 * stay open.
 * @param functions all functions of the manifest
 * @returns the functions as they are while AUTH is off
 * @throws ConfigurationError when AUTH is on and the build has no such function, or a route that it can't decide about
 * @see infra/docs/decisions/053-accounts.md
 */
export function withCommonAuthorizer(
  functions: FunctionConfiguration[],
  { auth, authCacheMs }: Pick<Config, 'auth' | 'authCacheMs'>,
): FunctionConfiguration[] {
  if (!auth) return functions;
  if (!functions.some(({ name }) => name === authorizerName)) {
    throw new ConfigurationError(`AUTH is on, and the build has no function "${authorizerName}": set AUTH=off`);
  }
  const authorizer = commonAuthorizer(authCacheMs);
  return functions.map((configuration) => {
    const { name, role, routes, provisionedConcurrency } = configuration;
    if (name === authorizerName) {
      return { ...configuration, provisionedConcurrency: Math.max(1, provisionedConcurrency) };
    }
    if (role === 'public') return configuration;
    const guarded = routes.map((route) => {
      if (route.authorizer) return route;
      // The answer of the common authorizer is the simple one, which only HTTP APIs read.
      if (route.api === 'http') return { ...route, authorizer };
      const advice = 'leave out its "api", give it an "authorizer" of its own, or the function the role "public"';
      throw new ConfigurationError(`AUTH is on and can't guard the route "${route.key}" of ${name}: ${advice}`);
    });
    return { ...configuration, routes: guarded };
  });
}

/** On AWS the authorizer has neither identity sources nor a TTL, because a request may have either of two headers. */
function commonAuthorizer(ms: number): LambdaSettings {
  return {
    type: 'request',
    function: authorizerName,
    payloadFormatVersion: '2.0',
    simpleResponses: true,
    identitySource: [],
    ttl: 0,
    validation: undefined,
    keeping: {
      ms,
      // The answer depends on the role that the route needs.
      by: ['$request.header.Authorization', '$request.header.X-Api-Key', '$context.routeKey'],
      unless: 'refusal',
      until: 'expiresAt',
    },
  };
}
