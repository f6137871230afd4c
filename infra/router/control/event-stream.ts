/**
 * Encodes the messages of an answer of the type application/vnd.amazon.eventstream.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import { EventStreamCodec } from '@smithy/core/event-streams';

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
);

/**
 * @param eventType member of the operation's event stream, such as "PayloadChunk"
 * @returns one message, ready to be sent
 */
export function encodeEvent(eventType: string, contentType: string, body: Uint8Array): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  return codec.encode({
    headers: {
      ':message-type': text('event'),
      ':event-type': text(eventType),
      ':content-type': text(contentType),
    },
    body,
  });
}
