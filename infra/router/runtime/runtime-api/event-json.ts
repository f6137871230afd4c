import type { Invocation } from '../invocation.ts';

/** The pieces of an event's JSON, in turn. A body that is base64 needs no escaping, and gets none. */
export function eventJson({ event = {}, body, payload, isBase64Encoded }: Invocation): (string | Buffer)[] {
  if (payload) return [payload];
  const json = JSON.stringify(event);
  if (body === undefined) return [json];
  const head = `${json.slice(0, -1)}${json === '{}' ? '' : ','}"body":`;
  return isBase64Encoded ? [`${head}"`, body.toString('base64'), '"}'] : [`${head}${JSON.stringify(body.toString())}}`];
}
