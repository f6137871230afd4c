/**
 * The W3C trace context of a request: the header `traceparent`, whose trace id names everything that one request causes. The router and
 * the site's server use it.
 * @see https://www.w3.org/TR/trace-context/
 * @see infra/docs/decisions/058-trace-context.md
 */

/** Version, trace id, parent id and flags. No id is all zeros. */
const form = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;
/** Characters of the version 00. Later versions may go on behind them. */
const formLength = 55;

/** @returns whether a header is a valid traceparent; a repeated header is none */
export function isTraceparent(header: unknown): header is string {
  if (typeof header !== 'string' || !form.test(header)) return false;
  return header.length === formLength || !header.startsWith('00');
}

/**
 * Makes the trace context of a request that has none. Nobody records the trace, so its flag `sampled` is 0.
 * @param requestId a random UUID, whose digits become the trace id: slices cost less than further random numbers
 */
export function newTraceparent(requestId: string): string {
  const fourth = requestId.slice(19, 23);
  const last = requestId.slice(24);
  const begin = requestId.slice(0, 8) + requestId.slice(9, 13) + requestId.slice(14, 18);
  // The fourth group begins with 8, 9, a or b, so neither id is all zeros.
  return `00-${begin}${fourth}${last}-${fourth}${last}-00`;
}

/** @returns the trace id, for logs; undefined without a valid header */
export function traceIdOf(traceparent: unknown): string | undefined {
  return isTraceparent(traceparent) ? traceparent.slice(3, 35) : undefined;
}
