/** Reads the JSON body of a request. */
import type { Request } from 'lambda-api';
import { BodyTooComplex, BodyTooLarge, type FieldFault, MalformedBody, UnsupportedContentType } from '../errors.ts';
import { defaultJsonLimits, exceededLimit, type JsonLimits } from './json-limits.ts';

/** API Gateway lets 10 MB through, our router as much as MAX_PAYLOAD_BYTES says; no body of this API needs so much. */
const maxBodyBytes = 1024 * 1024;

/**
 * Parses the body as JSON. Bodies never pass through lambda-api, which parses whatever looks like JSON, can't tell text that is
 * not JSON from a JSON string, and replaces bytes that are not UTF-8.
 * @param request of a handler that `serve` made
 * @param limits of depth and members, where the defaults (32 and 1000) are too low for a route
 * @returns the parsed value, of any shape
 * @throws {UnsupportedContentType} when the content type is not JSON in UTF-8, or the body is compressed
 * @throws {BodyTooLarge} when the body has more than 1 MiB
 * @throws {BodyTooComplex} when the body has too many members or too many levels
 * @throws {MalformedBody} when the body is missing or not valid JSON
 */
export function readJson(request: Request, limits = defaultJsonLimits): unknown {
  const { rawBody } = request;
  const isEmpty = rawBody === null || rawBody === '';
  const contentType = request.headers['content-type'];
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    const errors = [fault('content-encoding', 'must be left out')];
    throw new UnsupportedContentType('The body must not be compressed.', {
      errors,
      headers: { 'accept-encoding': 'identity' },
    });
  }
  if (contentType === undefined ? !isEmpty : !isJson(contentType)) {
    const detail = 'The body must be JSON, sent as application/json.';
    throw new UnsupportedContentType(detail, { errors: [fault('content-type', 'must be application/json')] });
  }
  if (isEmpty) throw new MalformedBody('The request has no body.', { errors: [fault('body', 'is missing')] });
  const text = request.isBase64Encoded ? decode(rawBody) : limit(rawBody, Buffer.byteLength(rawBody));
  limitComplexity(text, limits);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedBody('The body is not valid JSON.', { errors: [fault('body', 'is not valid JSON')] });
  }
}

/**
 * Refuses a POST that a foreign web page could send. Browsers send one with an Origin and without a preflight request, unless its
 * content type is JSON. A request without a body would pass, too.
 * @param headers of the request, by their names in lower case
 * @throws {UnsupportedContentType} when there is an Origin, and the content type is not JSON
 * @see https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
export function refuseSimpleRequest(headers: Request['headers']): void {
  if (headers.origin === undefined || isJson(headers['content-type'] ?? '')) return;
  const detail = 'A request of a web page must be sent as application/json, also without a body.';
  throw new UnsupportedContentType(detail, { errors: [fault('content-type', 'must be application/json')] });
}

/** Accepts application/json and types such as application/merge-patch+json. JSON has no encoding but UTF-8 (RFC 8259). */
function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim())) return false;
  return parameters.every((parameter) => !/^\s*charset\s*=/.test(parameter) || /=\s*"?utf-?8"?\s*$/.test(parameter));
}

function decode(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  limit(base64, bytes.length);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedBody('The body is not valid UTF-8.', { errors: [fault('body', 'is not valid UTF-8')] });
  }
}

/** @returns the text, unless it has too many bytes */
function limit(text: string, bytes: number): string {
  if (bytes <= maxBodyBytes) return text;
  const detail = `The body has more than ${maxBodyBytes} bytes.`;
  throw new BodyTooLarge(detail, { errors: [fault('body', 'is too large')] });
}

function limitComplexity(text: string, limits: JsonLimits): void {
  const exceeded = exceededLimit(text, limits);
  if (exceeded === undefined) return;
  const message =
    exceeded === 'maxDepth'
      ? `must have at most ${limits.maxDepth} objects and lists inside each other`
      : `must have at most ${limits.maxMembers} members and items`;
  throw new BodyTooComplex(`The body ${message}.`, { errors: [fault('body', message)] });
}

function fault(field: string, message: string): FieldFault {
  return { field, message };
}
