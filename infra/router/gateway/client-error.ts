/** Answers on a bare socket, for what never became a request: no HTTP, too large, too slow, or meant for a proxy. */
import { type OutgoingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type GatewayProblem, problemBody } from './gateway-problems.ts';

/** Milliseconds that a client has to read why it is sent away, while it may still be sending. */
const grace = 1000;

const details: Record<number, string> = {
  400: 'This is no well-formed HTTP request',
  408: 'The request took too long to arrive',
  413: 'The extensions of a chunk are too large',
  431: 'The request line and headers are too large',
};

const statuses: Record<string, number> = {
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** For a server's `clientError` event: answers what is no HTTP, too large or too slow, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''] ?? 400;
  refuse(socket, { status, detail: details[status] ?? '' });
}

/** Writes an answer to a socket that has no response under way, and closes it. */
export function refuse(socket: Duplex, problem: GatewayProblem): void {
  // What comes in after our answer is an error each time again.
  if (socket.writableEnded) return;
  // The response that Node.js is writing to the socket, if there is one: an answer in the middle of it would corrupt it.
  const { _httpMessage: underWay } = socket as { _httpMessage?: OutgoingMessage };
  if (!socket.writable || underWay?.headersSent) {
    socket.destroy();
    return;
  }
  const body = problemBody(problem);
  const { status, headers = [] } = problem;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  // To close at once would reset the connection, and the client might never see the answer.
  setTimeout(() => socket.destroy(), grace).unref();
}
