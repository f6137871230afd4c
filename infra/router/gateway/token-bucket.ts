/** The token bucket by which API Gateway throttles: a steady rate, and a burst above it. */

/**
 * How many requests are let through.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
export interface Throttling {
  /** Requests a second in the long run; the tokens that the bucket gains each second. */
  rateLimit: number;
  /** Requests at once; the tokens that the bucket holds. */
  burstLimit: number;
}

/** A bucket that is full at first. Each request takes a token. */
export class TokenBucket {
  readonly #limits: Throttling;
  #tokens: number;
  #filledAtMs: number;

  /** @param nowMs time of a clock that never jumps (ms), as for `take` */
  constructor(limits: Throttling, nowMs: number) {
    this.#limits = limits;
    this.#tokens = limits.burstLimit;
    this.#filledAtMs = nowMs;
  }

  /** Takes a token. @returns 0, or without a token the whole seconds until there will be one */
  take(nowMs: number): number {
    const { rateLimit, burstLimit } = this.#limits;
    this.#tokens = Math.min(burstLimit, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * rateLimit);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) / rateLimit);
    this.#tokens--;
    return 0;
  }
}
