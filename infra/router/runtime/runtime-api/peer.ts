/** Tells which process is at the other end of a connection from this machine. Linux only, as aws-lambda-ric is. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Whether a process holds the other end of a connection over 127.0.0.1.
 * @param socket our end of the connection, just accepted
 * @param pid of the process that may connect
 * @returns true also where the system does not list connections under /proc
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 */
export function isHeldBy(socket: Socket, pid: number): boolean {
  let connections: string;
  try {
    connections = readFileSync('/proc/self/net/tcp', 'latin1');
  } catch {
    return true;
  }
  const peer = findSocket(connections, hexPort(socket.remotePort), hexPort(socket.localPort));
  return peer !== undefined && (holds(pid, `socket:[${peer.inode}]`) ?? peer.uid === String(process.getuid?.()));
}

/** @returns the socket at the first of two ports of 127.0.0.1; undefined if there is none */
function findSocket(connections: string, from: string, to: string): { uid?: string; inode?: string } | undefined {
  const loopback = '0100007F';
  const place = connections.indexOf(` ${loopback}:${from} ${loopback}:${to} `);
  if (place < 0) return undefined;
  const [, , , , , , uid, , inode] = connections.slice(place + 1, connections.indexOf('\n', place)).split(/ +/);
  return { uid, inode };
}

/** @returns undefined when Linux does not show what the process holds, as in the image; only its user is known then */
function holds(pid: number, link: string): boolean | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((descriptor) => readLink(`${folder}/${descriptor}`) === link);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : false;
  }
}

/** @returns undefined when the descriptor was closed in the meantime */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function hexPort(port = 0): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
