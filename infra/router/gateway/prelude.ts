/**
 * Reads the head of a streamed answer. HttpResponseStream writes status, headers and cookies as JSON before the body, with
 * eight zero bytes between them.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */
import type { Readable } from 'node:stream';
import { preludeDelimiter } from '../../wire/prelude.ts';
import { MalformedResponseError } from './http-response.ts';

/** The delimiter must come within this many bytes. */
const maxPreludeBytes = 256 * 1024;

/**
 * Reads the prelude off a stream and leaves the stream paused at the body's first byte.
 * @returns the prelude's JSON value
 * @throws MalformedResponse when there is no prelude, or it is not JSON
 * @throws the stream's own error when it breaks
 */
export async function readPrelude(stream: Readable): Promise<unknown> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    const end = bytes.indexOf(preludeDelimiter);
    if (end >= 0) {
      const rest = bytes.subarray(end + preludeDelimiter.length);
      if (rest.length > 0) stream.unshift(rest);
      try {
        return JSON.parse(bytes.subarray(0, end).toString() || '{}');
      } catch {
        break;
      }
    }
    if (bytes.length > maxPreludeBytes) break;
  }
  throw new MalformedResponseError('the stream does not begin with a prelude');
}
