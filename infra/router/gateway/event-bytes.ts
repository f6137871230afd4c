/** The size of an event, which Lambda limits. */
import { lambdaMaxPayloadBytes } from '../config.ts';
import type { Invocation } from '../runtime/invocation.ts';

/** How many bytes JSON takes for each byte of a text in UTF-8: it writes quotes, backslashes and control characters as escapes. */
const jsonBytes = Uint8Array.from({ length: 256 }, (_, byte) => JSON.stringify(String.fromCharCode(byte)).length - 2);

/** @returns the bytes of an event as JSON; 0 for an event that is small without a count */
export function eventBytes({ event, body, isBase64Encoded }: Invocation): number {
  // JSON writes a byte of text in six at most.
  if (body === undefined || body.length < lambdaMaxPayloadBytes / 7) return 0;
  const bodyBytes = isBase64Encoded ? Math.ceil(body.length / 3) * 4 : textBytes(body);
  return Buffer.byteLength(JSON.stringify(event)) + bodyBytes;
}

/** @returns the bytes of a text as JSON, without making the JSON, which would take several times the memory of the text */
export function textBytes(text: Buffer): number {
  let bytes = 2;
  for (let at = 0; at < text.length; at++) bytes += jsonBytes[text[at] as number] as number;
  return bytes;
}
