/** Answers on a bare socket, where node:http has no response to write to: malformed, oversized or slow requests, CONNECT. */
import { type OutgoingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type GatewayProblem, problemBody } from './gateway-problems.ts';

/** How long a client may read our answer (ms) while it may still be sending. */
const lingerMs = 1000;

const details: Record<number, string> = {
  400: 'The request is not well-formed HTTP',
  408: 'The request took too long to arrive',
  413: 'The extensions of a chunk are too large',
  431: 'The request line and headers are too large',
};

const statuses: Record<string, number> = {
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers a request that node:http could not parse or that came too slowly, and closes the connection. It is a listener
 * for a server's `clientError` event.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''] ?? 400;
  refuse(socket, { status, detail: details[status] ?? '' });
}

/** Writes a problem to a socket and closes it, unless a response is being written to the socket. */
export function refuse(socket: Duplex, problem: GatewayProblem): void {
  // Each piece that arrives after our answer raises another error.
  if (socket.writableEnded) return;
  // A second answer in the middle of a response that Node.js is writing would corrupt that response.
  const { _httpMessage: underWay } = socket as { _httpMessage?: OutgoingMessage };
  if (!socket.writable || underWay?.headersSent) {
    socket.destroy();
    return;
  }
  const body = problemBody(problem);
  const { status, headers = [] } = problem;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n`;
  head += 'content-type: application/problem+json\r\nx-content-type-options: nosniff\r\n';
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  // An immediate close would reset the connection, and the client might never read the answer.
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
