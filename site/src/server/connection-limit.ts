/** Bounds the open connections of the site, of one client and in all: each may hold headers that are not complete yet. */
import type { OutgoingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { clientKey, plainAddress } from './client-address.ts';
import { Counter } from './request-limits.ts';

/** The part of the settings that the limit needs. */
export interface ConnectionSettings {
  maxConnections: number;
  maxConnectionsPerClient: number;
}

/**
 * Makes a listener for a server's `connection` event. A new connection beyond the share of its client is closed. Beyond the
 * limit of all, the oldest connection without a response under way gives way, so that idle clients keep nobody out.
 * @param isTrusted tells trusted proxies, which have no share of their own because they speak for many clients
 */
export function createConnectionLimit(
  { maxConnections, maxConnectionsPerClient }: ConnectionSettings,
  isTrusted: (address: string) => boolean,
) {
  /** The oldest first. */
  const open = new Set<Socket>();
  const perClient = new Counter();

  function closeOldestIdle(): boolean {
    for (const socket of open) {
      if ((socket as { _httpMessage?: OutgoingMessage })._httpMessage) continue;
      // The event `close` comes later, and the room must be there now.
      open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  return function limit(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const client = isTrusted(address) ? undefined : clientKey(address);
    const shareIsUsed = client !== undefined && perClient.get(client) >= maxConnectionsPerClient;
    if (shareIsUsed || (open.size >= maxConnections && !closeOldestIdle())) {
      socket.destroy();
      return;
    }
    // Astro listens to the socket for each request in flight. Pipelined requests share one, and their number is limited.
    socket.setMaxListeners(0);
    open.add(socket);
    if (client !== undefined) perClient.add(client, 1);
    socket.once('close', () => {
      open.delete(socket);
      if (client !== undefined) perClient.add(client, -1);
    });
  };
}
