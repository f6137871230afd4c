/**
 * Bounds the open connections of a server, of one client and in all. Each holds memory from its first byte, long before it has
 * sent a request. The router and the site's server use it.
 */
import type { OutgoingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { clientKey, plainAddress } from './client-key.ts';

/** The limits of one server. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
}

/**
 * Limits the connections of a server. A new connection beyond the share of its client is closed. Beyond the limit of all, the
 * oldest connection without a response under way gives way, so that idle clients keep nobody out.
 * @param isTrusted tells trusted proxies, which have no share of their own because they speak for many clients
 */
export function limitConnections(
  server: Pick<Server, 'on'>,
  { maxConnections, maxConnectionsPerClient }: ConnectionLimits,
  isTrusted: (address: string) => boolean = () => false,
): void {
  /** The oldest first. */
  const open = new Set<Socket>();
  const counts = new Map<string, number>();

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

  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    const client = isTrusted(address) ? undefined : clientKey(address);
    const others = client === undefined ? 0 : (counts.get(client) ?? 0);
    if (client !== undefined && others >= maxConnectionsPerClient) {
      socket.destroy();
      return;
    }
    if (open.size >= maxConnections && !closeOldestIdle()) {
      socket.destroy();
      return;
    }
    open.add(socket);
    if (client !== undefined) counts.set(client, others + 1);
    socket.once('close', () => {
      open.delete(socket);
      if (client === undefined) return;
      const left = (counts.get(client) ?? 1) - 1;
      if (left === 0) counts.delete(client);
      else counts.set(client, left);
    });
  });
}
