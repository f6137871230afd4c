import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Finds a free TCP port of 127.0.0.1 for a server that starts later. Nothing else takes the port until then. The port is
 * below the range that the kernel gives to outgoing connections and above 10080, the highest port that `fetch` and
 * browsers refuse. This process also holds the UDP port of the same number until it ends, and other tests pass over a
 * port whose UDP port is taken.
 * @see https://fetch.spec.whatwg.org/#port-blocking
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_081 + Math.floor(Math.random() * 22_000);
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
