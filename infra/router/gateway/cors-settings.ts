/** Reads the settings of cross-origin requests: of all routes from the environment, of one route from function.json. */
import schema from '../function.schema.json' with { type: 'json' };

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
export interface CorsConfig {
  /** "*", "https://*", "http://*", or origins in the form in which browsers send them. */
  allowOrigins: string[];
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  /** How long browsers may keep the answer to a preflight request. */
  maxAgeSeconds: number | undefined;
  allowCredentials: boolean;
}

const corsLists = ['CORS_ALLOW_METHODS', 'CORS_ALLOW_HEADERS', 'CORS_EXPOSE_HEADERS'];

/**
 * @param env     the settings
 * @param faults  gets a sentence for each invalid one
 * @param integer reads a setting that is a whole number
 * @returns undefined without CORS_ALLOW_ORIGINS
 */
export function parseCors(
  env: Record<string, string | undefined>,
  faults: string[],
  integer: (name: string, fallback: number, min: number, max: number) => number,
): CorsConfig | undefined {
  const list = (name: string) => (env[name] ?? '').split(',').map((one) => one.trim()).filter(Boolean); // biome-ignore format: one thing
  const allowOrigins = list('CORS_ALLOW_ORIGINS');
  const other = [...corsLists, 'CORS_MAX_AGE', 'CORS_ALLOW_CREDENTIALS'].filter((name) => env[name]?.trim());
  if (allowOrigins.length === 0) {
    if (other.length > 0) faults.push(`${other.join(', ')} without CORS_ALLOW_ORIGINS`);
    return undefined;
  }
  for (const origin of allowOrigins) {
    // Browsers send origins in lower case, without a slash at the end.
    if (origin === '*' || /^https?:\/\/(\*|[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?)$/.test(origin)) continue;
    faults.push(
      `CORS_ALLOW_ORIGINS has "${origin}": it takes *, https://*, http://* or origins like https://example.com`,
    );
  }
  for (const name of corsLists) {
    const wrong = list(name).find((one) => !/^[\w!#$%&'*+.^`|~-]+$/.test(one));
    if (wrong) faults.push(`${name} has "${wrong}": it takes names, with commas between, or *`);
  }
  const credentials = env.CORS_ALLOW_CREDENTIALS?.trim() || 'false';
  if (credentials !== 'true' && credentials !== 'false') {
    faults.push(`CORS_ALLOW_CREDENTIALS is "${credentials}": it takes true or false`);
  }
  if (credentials === 'true' && allowOrigins.includes('*')) {
    faults.push('CORS_ALLOW_CREDENTIALS takes origins by name: CORS_ALLOW_ORIGINS has *');
  }
  return {
    allowOrigins,
    allowMethods: list('CORS_ALLOW_METHODS'),
    allowHeaders: list('CORS_ALLOW_HEADERS'),
    exposeHeaders: list('CORS_EXPOSE_HEADERS'),
    maxAgeSeconds: env.CORS_MAX_AGE?.trim() ? integer('CORS_MAX_AGE', 0, 0, 86_400) : undefined,
    allowCredentials: credentials === 'true',
  };
}

/**
 * Reads `cors` of a route. Origins are taken as they are, because a template may name those of apps and extensions.
 * @param fail called with a sentence that says what is wrong
 * @returns undefined for a route without the setting
 */
export function parseRouteCors(value: unknown, fail: (what: string) => never): CorsConfig | undefined {
  if (value === undefined) return undefined;
  const { properties } = schema.properties.route.definitions.object.properties.cors;
  if (typeof value !== 'object' || value === null) return fail('"cors" in "route" takes an object with "allowOrigins"');
  const given = value as Record<string, unknown>;
  const unknown = Object.keys(given).find((key) => !(key in properties));
  if (unknown) fail(`unknown setting "${unknown}" in "cors"; it takes ${Object.keys(properties).join(', ')}`);
  const texts = (key: string, fallback?: string[]): string[] => {
    const list = given[key] === undefined ? fallback : given[key];
    const isValid = Array.isArray(list) && list.every((one) => /^[\x21-\x7e]+$/.test(one));
    return isValid ? list : fail(`"${key}" in "cors" takes a list of texts`);
  };
  const { maxAge, allowCredentials = false } = given;
  const { minimum, maximum } = properties.maxAge;
  if (maxAge !== undefined && !(Number.isInteger(maxAge) && Number(maxAge) >= minimum && Number(maxAge) <= maximum)) {
    return fail(`"maxAge" in "cors" takes a whole number from ${minimum} to ${maximum}`);
  }
  if (typeof allowCredentials !== 'boolean') return fail('"allowCredentials" in "cors" takes true or false');
  return {
    allowOrigins: texts('allowOrigins'),
    allowMethods: texts('allowMethods', []),
    allowHeaders: texts('allowHeaders', []),
    exposeHeaders: texts('exposeHeaders', []),
    maxAgeSeconds: maxAge as number | undefined,
    allowCredentials,
  };
}
