/** The size of an event, which Lambda limits. */
import { lambdaMaxPayloadBytes } from '../config.ts';
import type { Invocation } from '../runtime/invocation.ts';

/** @returns the bytes of an event as JSON; 0 for an event that is small without a count */
export function eventBytes({ event, body, isBase64Encoded }: Invocation): number {
  // JSON writes a byte of text in six at most.
  if (body === undefined || body.length < lambdaMaxPayloadBytes / 7) return 0;
  const bodyBytes = isBase64Encoded
    ? Math.ceil(body.length / 3) * 4
    : Buffer.byteLength(JSON.stringify(body.toString()));
  return Buffer.byteLength(JSON.stringify(event)) + bodyBytes;
}
