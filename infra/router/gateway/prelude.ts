/**
 * The head of a streamed answer: HttpResponseStream puts status, headers and cookies as JSON before the body, and eight
 * zero bytes between. https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */
import type { Readable } from 'node:stream';
import { MalformedResponseError } from './http-response.ts';

export const preludeType = 'application/vnd.awslambda.http-integration-response';
const delimiter = Buffer.alloc(8);
/** Bytes within which the delimiter must come. */
const limit = 256 * 1024;

/**
 * Reads the prelude off a stream and leaves the stream paused at the body's first byte.
 * @throws MalformedResponseError when there is none, or it is no JSON
 */
export async function readPrelude(stream: Readable): Promise<unknown> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    const end = bytes.indexOf(delimiter);
    if (end >= 0) {
      const rest = bytes.subarray(end + delimiter.length);
      if (rest.length > 0) stream.unshift(rest);
      try {
        return JSON.parse(bytes.subarray(0, end).toString() || '{}');
      } catch {
        break;
      }
    }
    if (bytes.length > limit) break;
  }
  throw new MalformedResponseError('the stream does not begin with a prelude');
}
