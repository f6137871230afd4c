/** Answers requests with an Upgrade header as ordinary ones, and takes no request after them on their connections. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Refusal } from './request-checks.ts';

/** Connections on which a request asked for another protocol. */
const upgrading = new WeakSet<Socket>();

/**
 * Closes the connection after the answer to a request with an Upgrade header, such as `curl --http2` sends. Node.js ignores
 * the header, but loses the bytes that come behind that request in the same read. The next bytes could be the middle of a
 * body, so nothing may take them for a request.
 * @returns the refusal of a request that follows one with an Upgrade header
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-7.8
 */
export function checkUpgrade(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  response: Pick<ServerResponse, 'shouldKeepAlive'>,
): Refusal | undefined {
  if (upgrading.has(socket)) {
    return { status: 400, text: 'No request may follow one with an Upgrade header. Open another connection.' };
  }
  if (headers.upgrade !== undefined) {
    upgrading.add(socket);
    response.shouldKeepAlive = false;
  }
  return undefined;
}
