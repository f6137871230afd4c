/** The size of an event, which Lambda limits. */
import { lambdaMaxPayloadBytes } from '../config.ts';
import type { Invocation } from '../runtime/invocation.ts';

/** How many bytes JSON takes for each byte of a text in UTF-8: it writes quotes, backslashes and control characters as escapes. */
const jsonBytes = Uint8Array.from({ length: 256 }, (_, byte) => JSON.stringify(String.fromCharCode(byte)).length - 2);
const maxJsonBytes = 6;
/** The bytes that are counted between two looks whether the rest matters. */
const blockBytes = 65_536;

/** @returns the bytes of an event as JSON, or any number within Lambda's limit for an event that is surely within it */
export function eventBytes({ event, body, isBase64Encoded }: Invocation): number {
  if (body === undefined || body.length < lambdaMaxPayloadBytes / (maxJsonBytes + 1)) return 0;
  const bytes = Buffer.byteLength(JSON.stringify(event));
  return bytes + (isBase64Encoded ? Math.ceil(body.length / 3) * 4 : textBytes(body, lambdaMaxPayloadBytes - bytes));
}

/**
 * Counts the bytes of a text as JSON. The JSON itself would take several times the memory of the text.
 * @param room the count stops when the text surely takes no more, since counting a megabyte takes a millisecond
 * @returns the count, or an upper limit that is at most `room`
 */
export function textBytes(text: Buffer, room = 0): number {
  let bytes = 2;
  for (let at = 0; at < text.length; ) {
    const most = bytes + maxJsonBytes * (text.length - at);
    if (most <= room) return most;
    const end = Math.min(at + blockBytes, text.length);
    for (; at < end; at++) bytes += jsonBytes[text[at] as number] as number;
  }
  return bytes;
}
