/** Answers the requests of one connection one after the other. The router and the site's server use it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Makes a listener that begins a request only when the responses to all earlier requests of its connection have ended.
 * Node.js begins pipelined requests at once, up to a thousand from one packet. Each would hold memory, files and places in
 * limits while it waits for the earlier responses, and what its handler opened would stay open if the connection closes first.
 * @param answer handles a request, as a server's `request` event has it
 * @param maxWaiting how many requests of a connection may wait; a connection with more is closed
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-9.3.2
 * @see infra/docs/decisions/037-one-request-at-a-time.md
 */
export function answerInOrder(answer: RequestListener, maxWaiting: number): RequestListener {
  const waiting = new WeakMap<Socket, number>();
  return (request: IncomingMessage, response: ServerResponse) => {
    // Node.js gives a response its socket when it is that response's turn.
    if (response.socket !== null) {
      answer(request, response);
      return;
    }
    const { socket } = request;
    const others = waiting.get(socket) ?? 0;
    if (others >= maxWaiting) {
      socket.destroy();
      return;
    }
    waiting.set(socket, others + 1);
    response.once('socket', () => {
      waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
      if (!socket.destroyed) answer(request, response);
    });
  };
}
