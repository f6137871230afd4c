/** Refuses requests that a program in front of the router could read differently (request smuggling). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasSeveralHosts } from '../../http/host-headers.ts';

/** Connections on which a request asked for another protocol. */
const upgrading = new WeakSet<Socket>();

/**
 * Finds a fault in a request's framing or in its Host headers.
 * @param response closes its connection when there is a fault in the framing
 * @returns the reason for a 400; undefined if every program reads the same request
 */
export function requestFault(request: IncomingMessage, response: ServerResponse): string | undefined {
  const fault = connectionFault(request, response);
  if (fault !== undefined) return fault;
  return hasSeveralHosts(request.rawHeaders) ? 'There is more than one Host header' : undefined;
}

/**
 * Finds a fault in a request's framing, or in what came before it on its connection. Node.js ignores an Upgrade header, but
 * loses the bytes that come behind that request in the same read: the next bytes could be the middle of a body. So the
 * connection of such a request closes, and takes no other one.
 * @param response closes its connection when there is a fault
 * @returns the reason for a 400; undefined if every program reads the same request
 */
function connectionFault(request: IncomingMessage, response: ServerResponse): string | undefined {
  const { socket } = request;
  const fault = upgrading.has(socket) ? 'No request may follow one with an Upgrade header' : framingFault(request);
  const upgrades = request.headers.upgrade !== undefined;
  if (upgrades) upgrading.add(socket);
  if (upgrades || fault !== undefined) response.shouldKeepAlive = false;
  return fault;
}

/**
 * Node.js has already refused what its parser finds malformed. It takes a request line without a version for HTTP/0.9, lets
 * HTTP/1.0 have a Transfer-Encoding, and does not undo other codings than chunked.
 * @returns the reason for a 400; undefined if every program reads the same request
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1
 */
export function framingFault({ headers, httpVersion }: Pick<IncomingMessage, 'headers' | 'httpVersion'>) {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'The request line must end with HTTP/1.1';
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (httpVersion === '1.0') return 'HTTP/1.0 has no Transfer-Encoding';
  return coding.toLowerCase() === 'chunked' ? undefined : 'The only transfer coding here is chunked';
}
