/**
 * Cross-origin requests, answered in one place for all functions. As in HTTP APIs, a preflight request never reaches a
 * function, and our CORS headers replace those of the function. Without CORS settings the functions answer for themselves.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
import type { CorsConfig } from './cors-settings.ts';

/** Makes the CORS headers of answers. Header lists have names and values in turn. */
export class Cors {
  readonly #config: CorsConfig;
  readonly #any: boolean;
  readonly #forPreflight: string[] = [];
  readonly #forResponse: string[] = [];

  constructor(config: CorsConfig) {
    this.#config = config;
    this.#any = config.allowOrigins.includes('*');
    const { allowMethods, allowHeaders, exposeHeaders, maxAgeSeconds, allowCredentials } = config;
    if (allowMethods.length > 0) this.#forPreflight.push('access-control-allow-methods', allowMethods.join(','));
    if (allowHeaders.length > 0) this.#forPreflight.push('access-control-allow-headers', allowHeaders.join(','));
    if (maxAgeSeconds !== undefined) this.#forPreflight.push('access-control-max-age', String(maxAgeSeconds));
    if (exposeHeaders.length > 0) this.#forResponse.push('access-control-expose-headers', exposeHeaders.join(','));
    if (!allowCredentials) return;
    this.#forPreflight.push('access-control-allow-credentials', 'true');
    this.#forResponse.push('access-control-allow-credentials', 'true');
  }

  /** @returns the headers of the answer to a preflight request; they allow nothing to an origin that is not allowed */
  preflight(origin: string): string[] {
    return this.#headers(origin, this.#forPreflight);
  }

  /**
   * Replaces a function's own CORS headers by ours.
   * @param headers of the answer
   * @param origin  the request's Origin header, if it has one
   */
  replace(headers: string[], origin: string | undefined): string[] {
    const kept: string[] = [];
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (!/^access-control-/i.test(name)) kept.push(name, headers[i + 1] as string);
    }
    if (origin !== undefined) kept.push(...this.#headers(origin, this.#forResponse));
    else if (!this.#any) kept.push('vary', 'origin');
    return kept;
  }

  #headers(origin: string, rest: string[]): string[] {
    if (this.#any) return ['access-control-allow-origin', '*', ...rest];
    // API Gateway leaves Vary to the function. Without it a cache would give one origin's answer to another.
    if (!this.#allows(origin)) return ['vary', 'origin'];
    return ['access-control-allow-origin', origin, 'vary', 'origin', ...rest];
  }

  #allows(origin: string): boolean {
    return this.#config.allowOrigins.some((allowed) =>
      allowed.endsWith('://*') ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin,
    );
  }
}
