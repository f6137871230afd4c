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
  const inode = inodeOf(connections, hexPort(socket.remotePort), hexPort(socket.localPort));
  return inode !== undefined && holds(pid, `socket:[${inode}]`);
}

/** @returns the inode of the socket between two ports of 127.0.0.1; undefined if there is none */
function inodeOf(connections: string, from: string, to: string): string | undefined {
  const loopback = '0100007F';
  const place = connections.indexOf(` ${loopback}:${from} ${loopback}:${to} `);
  if (place < 0) return undefined;
  const [, , , , , , , , inode] = connections.slice(place + 1, connections.indexOf('\n', place)).split(/ +/);
  return inode;
}

function holds(pid: number, link: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((descriptor) => readLink(`${folder}/${descriptor}`) === link);
  } catch {
    return false;
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
