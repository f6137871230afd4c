/** Finds the address of a client behind proxies, by X-Forwarded-For. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { forwardedAddress, plainAddress } from '../../http/client-key.ts';

/** @returns all addresses of a host name @throws Error with code ENOTFOUND when it has none */
export type Resolve = (name: string) => Promise<string[]>;

const resolveByDns: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/** How long the addresses of host names are taken for granted (ms). */
const maxAgeMs = 10_000;
/** Pause (ms) before names are resolved again for a proxy that is unknown: it may have started since. */
const minAgeMs = 1000;
/** Peers whose trust is remembered. */
const maxRemembered = 1000;

/**
 * The proxies that may set X-Forwarded-For. A host name is resolved in the background, at a request that needs it: until then
 * its proxy counts as any client.
 */
export class TrustedProxies {
  readonly #entries: readonly string[];
  readonly #names: readonly string[];
  readonly #resolve: Resolve;
  readonly #now: () => number;
  readonly #addresses = new Map<string, string[]>();
  readonly #remembered = new Map<string, boolean>();
  #list = new BlockList();
  #resolvedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param entries IP addresses, networks such as 10.0.0.0/8, and host names
   * @param resolve resolves a host name
   * @param now reads a clock (ms)
   */
  constructor(entries: readonly string[], resolve = resolveByDns, now = () => performance.now()) {
    this.#entries = entries.filter(isNetwork);
    this.#names = entries.filter((entry) => !isNetwork(entry));
    this.#resolve = resolve;
    this.#now = now;
    this.#update();
  }

  /**
   * @param peer the address of the connection
   * @param forwarded the header X-Forwarded-For, to which each proxy appends the address that it saw
   * @returns the right-most address that is no trusted proxy's
   */
  clientOf(peer: string, forwarded: string | undefined): string {
    let client = plainAddress(peer);
    if (forwarded === undefined || this.#entries.length + this.#names.length === 0) return client;
    if (this.#names.length > 0) {
      const ageMs = this.#now() - this.#resolvedAtMs;
      if (ageMs > (this.trusts(client) ? maxAgeMs : minAgeMs)) void this.refresh();
    }
    const hops = forwarded.split(',');
    while (this.trusts(client)) {
      const hop = forwardedAddress(hops.pop() ?? '');
      if (isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  }

  /** Resolves the host names. A name that is gone loses its trust; when the name server does not answer, nothing changes. */
  async refresh(): Promise<void> {
    this.#resolvedAtMs = this.#now();
    await Promise.all(
      this.#names.map(async (name) => {
        try {
          this.#addresses.set(name, await this.#resolve(name));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') this.#addresses.delete(name);
        }
      }),
    );
    this.#update();
  }

  #update(): void {
    this.#list = new BlockList();
    for (const entry of [...this.#entries, ...[...this.#addresses.values()].flat()]) {
      const [address = '', bits] = entry.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
    this.#remembered.clear();
  }

  /** @param address an IP address, as `plainAddress` returns it */
  trusts(address: string): boolean {
    const known = this.#remembered.get(address);
    if (known !== undefined) return known;
    const family = isIP(address);
    const trusted = family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    if (this.#remembered.size === maxRemembered) this.#remembered.clear();
    this.#remembered.set(address, trusted);
    return trusted;
  }
}

/** @returns whether an entry is an address or a network, and not a host name */
export function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}
