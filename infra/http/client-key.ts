/** Names the client behind an IP address, for the limits that count by client. The router and the site's server use it. */
import { isIP } from 'node:net';

/** @returns an IPv4 address in its usual form: a socket that listens for both families names it `::ffff:192.0.2.1` */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

/**
 * @param hop one entry of X-Forwarded-For. Some proxies append the client's port: `192.0.2.1:50123`, `[2001:db8::1]:50123`.
 * @returns the address as `plainAddress` returns it; another text if the entry has none
 */
export function forwardedAddress(hop: string): string {
  const { groups } = /^(?:\[(?<ipv6>[^\]]*)\](?::\d+)?|(?<ipv4>[\d.]+):\d+)$/.exec(hop.trim()) ?? {};
  return plainAddress(groups?.ipv6 ?? groups?.ipv4 ?? hop.trim());
}

/**
 * @param address an IP address, as `plainAddress` returns it
 * @returns the key under which the limits of a client count: an IPv6 client owns its whole /64 network
 */
export function clientKey(address: string): string {
  // Most addresses are IPv4, for which isIP costs more than this look.
  if (!address.includes(':') || isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return network.join(':');
}
