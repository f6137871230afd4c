import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 that nobody listens at, for a server that will. It is below those that the kernel gives to outgoing
 * connections, and this process holds its namesake of UDP as long as it runs: neither a connection nor another test takes
 * it before the server does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const hold = createSocket('udp4').unref();
    hold.bind({ port, address: '127.0.0.1', exclusive: true });
    if (!(await listens(hold))) continue;
    const server = createServer().listen(port, '127.0.0.1');
    if (!(await listens(server))) {
      hold.close();
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** @returns false where the address is taken */
function listens(socket: NodeJS.EventEmitter): Promise<boolean> {
  return once(socket, 'listening').then(
    () => true,
    () => false,
  );
}
