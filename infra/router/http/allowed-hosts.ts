/**
 * Decides which host names a request may use. A page of another site can make its own name lead to this machine (DNS
 * rebinding), and the browser then takes our answers for that site's own. Only the Host header tells.
 * @see infra/docs/decisions/025-ports.md
 */
import { isIP } from 'node:net';

/** Longer than any host name with a port (characters). */
const maxHostLength = 260;
/** Accepted Host headers that are remembered. Clients use a few, each of them again and again. */
const maxRemembered = 100;

/** The names at which a server answers: this machine's own, every IP address, and a list. */
export class AllowedHosts {
  readonly #names: readonly string[];
  readonly #remembered = new Set<string>();

  /** @param names as in ALLOWED_HOSTS, in lower case */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @param host the Host header; only a client of HTTP/1.0, which is no browser, may leave it out */
  allows(host: string | undefined): boolean {
    if (host === undefined || this.#remembered.has(host)) return true;
    if (host.length > maxHostLength || !isAllowedHost(host, this.#names)) return false;
    if (this.#remembered.size === maxRemembered) this.#remembered.clear();
    this.#remembered.add(host);
    return true;
  }
}

/**
 * @param host the Host header, with or without a port
 * @param names exact names; `.example.com` for that name and all names below it; `*` for every name
 */
export function isAllowedHost(host: string, names: readonly string[]): boolean {
  if (names.includes('*')) return true;
  const [, address, text = ''] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d*)?$/i.exec(host) ?? [];
  if (address !== undefined) return isIP(address) === 6;
  const name = text.toLowerCase().replace(/\.$/, '');
  // No name server answers for an address, so a request to one is never rebound.
  if (isIP(name) === 4 || name === 'localhost' || name.endsWith('.localhost')) return true;
  return names.some((one) => (one.startsWith('.') ? name === one.slice(1) || name.endsWith(one) : name === one));
}
