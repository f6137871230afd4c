/** Tells for which request the running code works: who sent it, from where, and under which id. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Actor, actorOf } from './actor.ts';

/** A request as far as the code below the handler needs it. */
export interface CurrentRequest {
  readonly event: {
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly requestContext?: { readonly http?: { readonly sourceIp?: string } };
  };
  /** The id that logs and responses have; undefined if the runtime gave none. */
  readonly id: string | undefined;
}

/** The author of a change, and the request that asks for it. */
export interface Author {
  /** `system` for what the program does by itself, such as emptying the bin. */
  readonly actor: Actor | { readonly kind: 'system'; readonly id: null; readonly name: null };
  readonly requestId: string | null;
}

/** The author of what no request asks for. */
export const system: Author = { actor: { kind: 'system', id: null, name: null }, requestId: null };

const requests = new AsyncLocalStorage<CurrentRequest>();

let inProgress = 0;
const whenOneEnds: (() => void)[] = [];

/** Runs the work of a request. */
export async function runFor<T>(request: CurrentRequest, work: () => T | Promise<T>): Promise<T> {
  inProgress++;
  try {
    return await requests.run(request, work);
  } finally {
    inProgress--;
    for (const callback of whenOneEnds.splice(0)) callback();
  }
}

/** @returns how many requests the process works on */
export function requestsInProgress(): number {
  return inProgress;
}

/** Calls a function once, when the next request has ended. */
export function whenRequestEnds(callback: () => void): void {
  whenOneEnds.push(callback);
}

/**
 * Tells whose turn it is where clients take turns. A client with IPv6 owns a whole network, so the first half of the address
 * names it.
 * @returns a key of the client; undefined outside of a request
 */
export function currentClient(): string | undefined {
  const request = requests.getStore();
  if (request === undefined) return undefined;
  const address = request.event.requestContext?.http?.sourceIp ?? '';
  return address.split('::', 1).join().split(':', 4).join(':');
}

/** @returns the W3C trace id of the request, for logs; undefined outside of a request, and where no router or client has made one */
export function currentTraceId(): string | undefined {
  const traceparent = requests.getStore()?.event.headers?.traceparent;
  return /^[\da-f]{2}-([\da-f]{32})-/.exec(traceparent ?? '')?.[1];
}

/** @returns the author of the changes that the running code makes */
export function currentAuthor(): Author {
  const request = requests.getStore();
  return request === undefined ? system : { actor: actorOf(request.event), requestId: request.id ?? null };
}
