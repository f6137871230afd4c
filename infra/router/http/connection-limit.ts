/** Bounds the connections of a server. Each holds memory from its first byte, long before it has sent a request. */
import type { Server } from 'node:http';
import type { Config } from '../config.ts';

/** Has a server close connections above CONNECTION_LIMIT, and those of one address above CLIENT_CONNECTION_LIMIT, at once. */
export function limitConnections(
  server: Server,
  { connectionLimit, clientConnectionLimit }: Pick<Config, 'connectionLimit' | 'clientConnectionLimit'>,
): void {
  const counts = new Map<string, number>();
  server.maxConnections = connectionLimit;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const others = counts.get(address) ?? 0;
    if (others >= clientConnectionLimit) {
      socket.destroy();
      return;
    }
    counts.set(address, others + 1);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
  });
}
