/** Tells for which client the running code works. */
import { AsyncLocalStorage } from 'node:async_hooks';

const clients = new AsyncLocalStorage<string>();

/**
 * Runs the work of a request.
 * @param address the client's IP address. A client with IPv6 owns a whole network, so the first half of the address names it.
 */
export function runFor<T>(address: string, work: () => T): T {
  return clients.run(address.split('::', 1).join().split(':', 4).join(':'), work);
}

/** @returns a key of the client; undefined outside of a request */
export function currentClient(): string | undefined {
  return clients.getStore();
}
