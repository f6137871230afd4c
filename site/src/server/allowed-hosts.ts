/**
 * Decides by the Host header whether the site answers a request. Another site's page can give its own host name the
 * address of this machine (DNS rebinding). The browser then lets that page read and send everything here.
 * @see infra/docs/decisions/025-ports.md for the router, which has the same rule
 */
import { isIP } from 'node:net';

const hostForm = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d*)?$/i;
const ruleForm = /^(?:\*|\.?[\w-]+(?:\.[\w-]+)*)$/;

/** `malformed` is no host at all. A `foreign` one is a name that nobody allowed. */
export type HostVerdict = 'allowed' | 'foreign' | 'malformed';

/** @returns whether ALLOWED_HOSTS may hold this text: a host name, a dot and a name for its subdomains too, or `*` */
export function isHostRule(text: string): boolean {
  return ruleForm.test(text);
}

/**
 * Makes the check of the Host header. Loopback names and IP addresses are always allowed, because no foreign page can
 * have them as its own host.
 * @param rules host names; `.example.com` stands for example.com and all its subdomains, and `*` for every host
 * @returns a function that judges a Host header. A request without one is allowed: every browser sends it.
 */
export function createHostCheck(rules: readonly string[]): (host: string | undefined) => HostVerdict {
  const names = new Set(rules.map((rule) => rule.toLowerCase().replace(/^\./, '')));
  const suffixes = ['.localhost', ...rules.filter((rule) => rule.startsWith('.')).map((rule) => rule.toLowerCase())];
  names.add('localhost');

  return (host) => {
    if (host === undefined) return 'allowed';
    const [, address, text = ''] = hostForm.exec(host) ?? [];
    if (address !== undefined) return isIP(address) === 6 ? 'allowed' : 'malformed';
    if (text === '') return 'malformed';
    const name = text.toLowerCase().replace(/\.$/, '');
    const allowed =
      names.has(name) || names.has('*') || isIP(name) === 4 || suffixes.some((suffix) => name.endsWith(suffix));
    return allowed ? 'allowed' : 'foreign';
  };
}
