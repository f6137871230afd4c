/** Answers on a bare socket, where node:http has no response to write to: malformed, oversized or slow requests, CONNECT. */
import { type IncomingMessage, type OutgoingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client may read our answer while it may still be sending. */
const lingerMs = 1_000;

const statuses: Record<string, number> = {
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** A listener for a server's `clientError` event: answers and closes the connection. */
export function answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (code === 'ECONNRESET') socket.destroy();
  else refuseOnSocket(socket, statuses[code] ?? 400);
}

/** Writes an answer without a body to a socket and closes it, unless a response is being written to the socket. */
function refuseOnSocket(socket: Duplex, status: number): void {
  // Each piece that arrives after our answer raises another error.
  if (socket.writableEnded) return;
  // A second answer in the middle of a response that Node.js is writing would corrupt that response.
  const { _httpMessage: underWay } = socket as { _httpMessage?: OutgoingMessage };
  if (!socket.writable || underWay?.headersSent) {
    socket.destroy();
    return;
  }
  const retry = status === 503 ? 'retry-after: 1\r\n' : '';
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${retry}connection: close\r\ncontent-length: 0`;
  socket.end(`${head}\r\n\r\n`);
  // An immediate close would reset the connection, and the client might never read the answer.
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

/**
 * Ends a request whose answer has not begun, and destroys the connection of any other. Nothing reads the rest of the body: it
 * might still change data.
 * @param status 408 if the body is incomplete
 */
export function cutRequest({ socket }: IncomingMessage, status = 408): void {
  refuseOnSocket(socket, status);
  socket.destroySoon();
}

/** A listener for a server's `connect` event: refuses to be a tunnel and closes the connection. */
export function refuseTunnel(_request: IncomingMessage, socket: Duplex): void {
  // Node.js gives these requests no response, so the response under way belongs to an earlier request.
  if ((socket as { _httpMessage?: OutgoingMessage })._httpMessage) socket.destroy();
  else refuseOnSocket(socket, 405);
}
