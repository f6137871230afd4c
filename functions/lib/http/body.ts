/**
 * The JSON body of a request.
 */
import type { Request } from 'lambda-api';
import { BodyTooLarge, type FieldFault, MalformedBody, UnsupportedContentType } from '../errors.ts';
import type { RawBody } from './serve.ts';

/** Bytes. The gateway refuses larger bodies before they get here; not every gateway does. */
const maxBodySize = 1024 * 1024;

/**
 * Parses the body.
 * @throws {UnsupportedContentType} unless it is declared as JSON
 * @throws {BodyTooLarge}
 * @throws {MalformedBody} when it is missing or no JSON
 */
export function readJson(request: Request): unknown {
  const contentType = request.headers['content-type'];
  const raw = request.body as RawBody | null;
  const empty = raw === null || raw.text === '';
  if (contentType === undefined ? !empty : !isJson(contentType)) {
    const detail = 'The body must be JSON, sent as application/json.';
    throw new UnsupportedContentType(detail, { errors: [fault('content-type', 'must be application/json')] });
  }
  if (empty) throw new MalformedBody('The request has no body.', { errors: [fault('body', 'is missing')] });
  const text = decode(raw);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedBody('The body is not valid JSON.', { errors: [fault('body', 'is not valid JSON')] });
  }
}

/** application/json, application/merge-patch+json and the like; in UTF-8, the only encoding that JSON has. */
function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim())) return false;
  return parameters.every((parameter) => !/^\s*charset\s*=/.test(parameter) || /=\s*"?utf-?8"?\s*$/.test(parameter));
}

function decode({ text, base64 }: RawBody): string {
  const bytes = base64 ? Buffer.from(text, 'base64') : undefined;
  if ((bytes?.length ?? Buffer.byteLength(text)) > maxBodySize) {
    const detail = `The body has more than ${maxBodySize} bytes.`;
    throw new BodyTooLarge(detail, { errors: [fault('body', 'is too large')] });
  }
  if (bytes === undefined) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedBody('The body is not valid UTF-8.', { errors: [fault('body', 'is not valid UTF-8')] });
  }
}

function fault(field: string, message: string): FieldFault {
  return { field, message };
}
