/** Writes an event as JSON. */
import type { Invocation } from '../invocation.ts';

/**
 * Writes an event with its body. A base64 body is a piece of its own, because escaping megabytes that need none takes time.
 * @returns pieces that form the JSON when they are sent one after the other
 */
export function eventJson({ event = {}, body, payload, isBase64Encoded }: Invocation): (string | Buffer)[] {
  if (payload) return [payload];
  const json = JSON.stringify(event);
  if (body === undefined) return [json];
  const head = `${json.slice(0, -1)}${json === '{}' ? '' : ','}"body":`;
  return isBase64Encoded ? [`${head}"`, body.toString('base64'), '"}'] : [`${head}${JSON.stringify(body.toString())}}`];
}
