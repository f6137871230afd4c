/** Reads the routes of a function.json, and fills in the defaults of their API. */

import schema from './function.schema.json' with { type: 'json' };
import { type AuthorizerSettings, parseAuthorizer } from './gateway/authorizers/authorizer-settings.ts';
import { type CorsConfig, parseRouteCors } from './gateway/cors-settings.ts';

/** The kinds of API that a route may belong to: an HTTP API, a REST API, a function URL. */
export type Api = 'http' | 'rest' | 'url';

/** One route with all its settings, defaults included. */
export interface RouteConfiguration {
  /** Such as "GET /users/{id}", "ANY /{proxy+}" or "$default". */
  key: string;
  api: Api;
  /** The route answers with and without this first segment; "$default" is no segment. */
  stage: string;
  payloadFormatVersion: '1.0' | '2.0';
  /** Undefined for a route that everybody may call. */
  authorizer: AuthorizerSettings | undefined;
  /** Undefined where the router's own settings or the function decide. */
  cors: CorsConfig | undefined;
}

const { properties: settings } = schema.properties.route.definitions.object;

/** Defaults by the kind of API. A REST API gets the stage that AWS SAM gives it. */
const defaults = {
  http: { stage: '$default', payloadFormatVersion: '2.0' },
  rest: { stage: 'Prod', payloadFormatVersion: '1.0' },
  url: { stage: '$default', payloadFormatVersion: '2.0' },
} as const;

/**
 * Reads the setting `route`.
 * @param value a route key, an object, or a list of both
 * @param authorizer of the routes that name none
 * @param fail called with a sentence that says what is wrong
 */
export function parseRoutes(
  value: unknown,
  authorizer: AuthorizerSettings | undefined,
  fail: (what: string) => never,
): RouteConfiguration[] {
  return [value].flat().map((one) => {
    const route = parseRoute(typeof one === 'string' ? { key: one } : one, fail);
    return { ...route, authorizer: route.authorizer ?? authorizer };
  });
}

function parseRoute(value: unknown, fail: (what: string) => never): RouteConfiguration {
  if (!isObject(value)) {
    return fail('"route" takes a route key such as "GET /users/{id}", an object with "key", or a list of them');
  }
  for (const name of Object.keys(value)) {
    if (!(name in settings)) fail(`unknown setting "${name}" in "route"; it takes ${Object.keys(settings).join(', ')}`);
  }
  const { key, api = settings.api.default, authorizer, cors } = value;
  if (typeof key !== 'string') return fail('"key" in "route" takes a route key such as "GET /users/{id}"');
  if (!isApi(api)) return fail('"api" in "route" takes "http", "rest" or "url"');
  const { stage = defaults[api].stage, payloadFormatVersion = defaults[api].payloadFormatVersion } = value;
  if (typeof stage !== 'string' || !new RegExp(settings.stage.pattern).test(stage)) {
    return fail('"stage" in "route" takes "$default", or 1 to 128 letters, digits, - and _');
  }
  if (payloadFormatVersion !== '1.0' && payloadFormatVersion !== '2.0') {
    return fail('"payloadFormatVersion" in "route" takes "1.0" or "2.0"');
  }
  if (api !== 'http' && payloadFormatVersion !== defaults[api].payloadFormatVersion) {
    fail(`"payloadFormatVersion" of a route with the api "${api}" is always "${defaults[api].payloadFormatVersion}"`);
  }
  if (api === 'rest' && key === '$default') fail('a REST API has no "$default": take "ANY /{proxy+}" and "ANY /"');
  if (api === 'url' && (key !== '$default' || stage !== '$default')) {
    fail('a route with the api "url" has the key "$default" and the stage "$default"');
  }
  return {
    ...{ key, api, stage, payloadFormatVersion },
    authorizer: parseAuthorizer(authorizer, fail),
    cors: parseRouteCors(cors, fail),
  };
}

function isApi(value: unknown): value is Api {
  return settings.api.enum.includes(value as string);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
