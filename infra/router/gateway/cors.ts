/**
 * Cross-origin requests, answered for all functions in one place. As in HTTP APIs: preflight requests never reach a
 * function, and the CORS headers of functions are replaced. Without a configuration functions answer for themselves.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
import type { CorsConfig } from '../config.ts';

export class Cors {
  readonly #config: CorsConfig;
  readonly #any: boolean;
  readonly #forPreflight: string[] = [];
  readonly #forAnswer: string[] = [];

  constructor(config: CorsConfig) {
    this.#config = config;
    this.#any = config.allowOrigins.includes('*');
    const { allowMethods, allowHeaders, exposeHeaders, maxAge, allowCredentials } = config;
    if (allowMethods.length > 0) this.#forPreflight.push('access-control-allow-methods', allowMethods.join(','));
    if (allowHeaders.length > 0) this.#forPreflight.push('access-control-allow-headers', allowHeaders.join(','));
    if (maxAge !== undefined) this.#forPreflight.push('access-control-max-age', String(maxAge));
    if (exposeHeaders.length > 0) this.#forAnswer.push('access-control-expose-headers', exposeHeaders.join(','));
    if (!allowCredentials) return;
    this.#forPreflight.push('access-control-allow-credentials', 'true');
    this.#forAnswer.push('access-control-allow-credentials', 'true');
  }

  /** Headers of the answer to a preflight request; for an origin that is not allowed there are none that allow it. */
  preflight(origin: string): string[] {
    return this.#headers(origin, this.#forPreflight);
  }

  /** An answer's headers, names and values in turn, with ours in place of the function's. */
  replace(headers: string[], origin: string | undefined): string[] {
    const kept: string[] = [];
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (!/^access-control-/i.test(name)) kept.push(name, headers[i + 1] as string);
    }
    if (origin !== undefined) kept.push(...this.#headers(origin, this.#forAnswer));
    else if (!this.#any) kept.push('vary', 'origin');
    return kept;
  }

  #headers(origin: string, rest: string[]): string[] {
    if (this.#any) return ['access-control-allow-origin', '*', ...rest];
    // API Gateway leaves Vary to the backend; without it a cache would hand one origin's answer to another.
    if (!this.#allows(origin)) return ['vary', 'origin'];
    return ['access-control-allow-origin', origin, 'vary', 'origin', ...rest];
  }

  #allows(origin: string): boolean {
    return this.#config.allowOrigins.some((allowed) =>
      allowed.endsWith('://*') ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin,
    );
  }
}
