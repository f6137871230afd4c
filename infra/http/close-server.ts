/** Closes an HTTP server without losing a request. The router and the site's server use it. */
import type { Server } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How often a server that closes looks for idle connections (ms). */
const sweepMs = 50;
/** How long a server accepts further connections while they come without a pause (ms). */
const maxBacklogMs = 1000;
/** A turn of the event loop that takes longer (ms) was interrupted, and connections may have come meanwhile. */
const shortTurnMs = 0.5;

/**
 * Takes no more connections. Resolves when the last request is answered.
 * @param graceMs how long requests may take (ms) before they are broken off; without it they may take any time
 */
export async function closeServer(server: Server, graceMs?: number): Promise<void> {
  if (!server.listening) return;
  await acceptBacklog(server);
  const timer = graceMs === undefined ? undefined : setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection that is busy now may become idle, and its response may have promised to keep it open.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeIdleConnections();
  await closed.promise;
  clearTimeout(timer);
  clearInterval(sweep);
}

/**
 * Resolves after a short turn of the event loop in which no connection waited. Linux establishes connections before the server
 * accepts them, and a listening socket that closes resets them. Their clients may have sent requests already, and a proxy
 * does not send a POST again.
 */
async function acceptBacklog(server: Server): Promise<void> {
  let accepted = false;
  const note = () => {
    accepted = true;
  };
  server.on('connection', note);
  const deadline = performance.now() + maxBacklogMs;
  // The turn that is under way may have looked for connections long ago.
  await nextTurn();
  let begun: number;
  let ended = performance.now();
  do {
    accepted = false;
    begun = ended;
    await nextTurn();
    ended = performance.now();
  } while ((accepted || ended - begun > shortTurnMs) && ended < deadline);
  server.off('connection', note);
}
