/**
 * Makes the authorizers of the routes. Routes share an authorizer, and with it the answers that it keeps, as they do on API
 * Gateway: those of one function, and those that name the same one.
 */

import type { JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { type Config, ConfigurationError } from '../../config.ts';
import { log } from '../../process/log.ts';
import type { FunctionHost } from '../../runtime/host.ts';
import { problems } from '../gateway-problems.ts';
import type { Route } from '../route-tree.ts';
import { type Authorizer, refuse } from './authorizer.ts';
import { authorizerFault } from './authorizer-fault.ts';
import type { JwtSettings, LambdaSettings, UnsupportedSettings } from './authorizer-settings.ts';
import { issuerKeys } from './issuer-keys.ts';
import { JwtAuthorizer } from './jwt-authorizer.ts';
import { type DecisionStore, KeptDecisions } from './kept-decisions.ts';
import { LambdaAuthorizer } from './lambda-authorizer.ts';

type Options = Pick<Config, 'region' | 'accountId' | 'allowUnauthorized' | 'authorizerCacheBytes'>;

/** The authorizers of one build. A reload makes new ones, which have kept nothing. */
export class Authorizers {
  readonly #config: Options;
  readonly #host: Pick<FunctionHost, 'pools'>;
  readonly #store: DecisionStore;
  readonly #byRoute = new Map<Route, Authorizer>();
  readonly #bySettings = new Map<string, Authorizer>();
  readonly #keysByIssuer = new Map<string, JWTVerifyGetKey>();

  /**
   * @param functions names of all functions that are served
   * @throws ConfigurationError for an authorizer that the API of a route does not have, and for a missing function
   */
  constructor(
    config: Options,
    host: Pick<FunctionHost, 'pools'>,
    routes: readonly Route[],
    functions: readonly string[],
  ) {
    this.#config = config;
    this.#host = host;
    this.#store = new LRUCache({ maxSize: config.authorizerCacheBytes, maxEntrySize: config.authorizerCacheBytes });
    for (const route of routes) this.#add(route, functions);
  }

  /** @returns the authorizer of a route; undefined when everybody may call it */
  of(route: Route): Authorizer | undefined {
    return route.authorizer && this.#byRoute.get(route);
  }

  #add(route: Route, functions: readonly string[]): void {
    const { api, authorizer: settings, routeKey, functionName } = route;
    if (!settings) return;
    if (settings.type === 'unsupported') {
      this.#refuseUnsupported(route, settings);
      return;
    }
    const fault = authorizerFault(api, settings, functions);
    if (fault !== undefined) {
      throw new ConfigurationError(`authorizer of the route "${routeKey}" of ${functionName}: ${fault}`);
    }
    const owner = settings.type !== 'jwt' && settings.name === undefined ? functionName : '';
    const key = JSON.stringify([api, owner, settings]);
    const made = settings.type === 'jwt' ? this.#jwt(settings) : this.#lambda(api, settings, key);
    const authorizer = this.#bySettings.get(key) ?? made;
    this.#bySettings.set(key, authorizer);
    this.#byRoute.set(route, authorizer);
  }

  #refuseUnsupported(route: Route, { name, fault }: UnsupportedSettings): void {
    if (this.#config.allowUnauthorized && fault === undefined) {
      const about = { routeKey: route.routeKey, authorizer: name };
      log.warn('Everybody may call a route, because its authorizer is not supported', about);
      return;
    }
    const decision = refuse(problems.authorizerNotSupported(name, fault));
    this.#byRoute.set(route, { authorize: () => decision });
  }

  #jwt(settings: JwtSettings): Authorizer {
    const { issuer, audience, identitySource } = settings;
    const keys = this.#keysByIssuer.get(issuer) ?? issuerKeys(issuer);
    this.#keysByIssuer.set(issuer, keys);
    // A verified token is the same for all scopes.
    const prefix = JSON.stringify([issuer, audience, identitySource]);
    return new JwtAuthorizer(settings, keys, new KeptDecisions(this.#store, prefix));
  }

  #lambda(api: Route['api'], settings: LambdaSettings, key: string): Authorizer {
    const { region, accountId } = this.#config;
    return new LambdaAuthorizer(settings, {
      api: api === 'rest' ? api : 'http',
      apiArn: `arn:aws:execute-api:${region}:${accountId}:cadastro`,
      invoke: async (invocation) => {
        const pool = this.#host.pools.get(settings.function);
        if (!pool) throw new Error(`The function ${settings.function} has no pool`);
        return pool.invoke(invocation);
      },
      kept: new KeptDecisions(this.#store, key),
    });
  }
}
