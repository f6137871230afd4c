/** Finds the address of the client behind a request, and the X-Forwarded-For that the API gets about it. */
import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { forwardedAddress, plainAddress } from '../../../infra/http/client-key.ts';

/** The header that carries the key of the client from `routes.ts` to the pages of this process. */
export const clientKeyHeader = 'x-client-key';

/** The header that carries the token of the visitor's session in the same way. */
export const sessionHeader = 'x-session-token';

/** Containers can get another address when they start again. */
const resolveIntervalMs = 10_000;

/** The parts of a request that tell where it comes from. */
type Received = Pick<IncomingMessage, 'headers'> & { socket: Pick<IncomingMessage['socket'], 'remoteAddress'> };

/** Where a request comes from. */
export interface ClientAddress {
  /** The client's IP address; '' if the connection is gone already. */
  client: string;
  /** The X-Forwarded-For to send on: the client and the proxies that passed the request on. */
  forwardedFor: string;
}

/** @returns whether TRUSTED_PROXIES may hold this text: an IP address, a CIDR range or a host name */
export function isProxyRule(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (prefix !== undefined) {
    return more.length === 0 && family !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
  }
  return family !== 0 || /^(?!\d+(?:\.\d+)*$)[\w-]+(?:\.[\w-]+)*$/.test(address);
}

/**
 * Makes the function that finds a request's client, and the function that tells whether an address is a trusted proxy. A client can write anything into X-Forwarded-For, so that header
 * counts only where the connection comes from a trusted proxy. Else the peer's own address replaces it.
 * @param proxies IP addresses, CIDR ranges and host names. Names are resolved now and every 10 s.
 * @param resolve stands in for DNS in tests
 */
export async function createClientAddress(
  proxies: readonly string[],
  resolve: (name: string) => Promise<string[]> = addressesOf,
): Promise<{ find: (request: Received) => ClientAddress; isTrusted: (address: string) => boolean }> {
  const names = proxies.filter((rule) => isIP(rule.split('/')[0] ?? '') === 0);
  const ranges = proxies.filter((rule) => !names.includes(rule));
  let trusted = listOf(ranges);
  if (names.length > 0) {
    const update = async () => {
      // A name without an address trusts nobody.
      const found = await Promise.all(names.map((name) => resolve(name).catch(() => [])));
      trusted = listOf([...ranges, ...found.flat()]);
    };
    await update();
    setInterval(update, resolveIntervalMs).unref();
  }

  const find = ({ headers, socket }: Received) => {
    const peer = plainAddress(socket.remoteAddress ?? '');
    const given = String(headers['x-forwarded-for'] ?? '');
    if (given === '' || !contains(trusted, peer)) return { client: peer, forwardedFor: peer };
    const hops = given.split(',').map(forwardedAddress);
    let client = peer;
    // Each proxy appends the peer that it saw. So only what stands right of the first untrusted address is certain.
    for (let at = hops.length - 1; at >= 0 && contains(trusted, client); at--) {
      const hop = hops[at] ?? '';
      if (isIP(hop) === 0) break;
      client = hop;
    }
    return { client, forwardedFor: `${given}, ${peer}` };
  };
  return { find, isTrusted: (address) => contains(trusted, address) };
}

/** @returns whether the client's request came over TLS, which a trusted proxy says in X-Forwarded-Proto */
export function isOverTls({ headers, socket }: Received, isTrusted: (address: string) => boolean): boolean {
  const scheme = String(headers['x-forwarded-proto'] ?? '').split(',', 1)[0];
  return scheme?.trim().toLowerCase() === 'https' && isTrusted(plainAddress(socket.remoteAddress ?? ''));
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function listOf(rules: readonly string[]): BlockList {
  const list = new BlockList();
  for (const rule of rules) {
    const [address = '', prefix] = rule.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
