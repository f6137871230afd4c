/** Finds the routers behind one name: Docker and Kubernetes answer a service's name with an address for each of them. */
import { lookup } from 'node:dns/promises';

/**
 * @param urls addresses of routers. A name that resolves to several addresses stands for a router at each, except with https,
 *   whose certificate has the name
 * @returns one address for each router
 */
export async function addressesOf(urls: readonly URL[], find: typeof lookup = lookup): Promise<URL[]> {
  const found = await Promise.all(urls.map((url) => resolve(url, find)));
  return found.flat();
}

async function resolve(url: URL, find: typeof lookup): Promise<URL[]> {
  if (url.protocol === 'https:') return [url];
  try {
    const addresses = await find(url.hostname, { all: true });
    // A router may have an address of each family.
    const ofOneFamily = addresses.filter(({ family }) => family === addresses[0]?.family);
    if (ofOneFamily.length < 2) return [url];
    return ofOneFamily.map(({ address, family }) => {
      const own = new URL(url);
      own.hostname = family === 6 ? `[${address}]` : address;
      return own;
    });
  } catch {
    // The request to this address fails, and the page says so.
    return [url];
  }
}
