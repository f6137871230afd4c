/** Limits the requests of each route and of each client, in one router process. */
import { performance } from 'node:perf_hooks';
import { clientKey } from '../../http/client-key.ts';
import type { RateLimitConfig } from '../config.ts';
import { type GatewayProblem, problems } from './gateway-problems.ts';
import type { Route } from './route-tree.ts';
import { type Throttling, TokenBucket } from './token-bucket.ts';

/** The buckets of one router process, which has a share of each limit of its host. */
export class RateLimits {
  readonly #options: RateLimitConfig;
  readonly #processes: number;
  readonly #now: () => number;
  /** A reload makes new routes, whose buckets are full. */
  readonly #routes = new WeakMap<object, TokenBucket>();
  /** The client that was seen last is the last one. */
  readonly #clients = new Map<string, TokenBucket>();

  /**
   * @param processes router processes of the host
   * @param now reads a clock that never jumps (ms)
   */
  constructor(options: RateLimitConfig, processes: number, now = () => performance.now()) {
    this.#options = options;
    this.#processes = processes;
    this.#now = now;
  }

  /** Counts a request of a client. @param address its IP address @returns the problem to answer with, if it is one too many */
  ofClient(address: string): GatewayProblem | undefined {
    const { client, maxClients } = this.#options;
    if (!client) return undefined;
    const key = clientKey(address);
    const now = this.#now();
    const bucket = this.#clients.get(key) ?? this.#bucket(client, now);
    // The Map keeps the order of insertion. The client that was quiet for longest is forgotten first: its bucket is the fullest.
    this.#clients.delete(key);
    this.#clients.set(key, bucket);
    if (this.#clients.size > maxClients) this.#clients.delete(this.#clients.keys().next().value as string);
    return refusal(bucket.take(now), `A client may send ${client.rateLimit} requests a second`);
  }

  /** Counts a request of a route. @returns the problem to answer with, if it is one too many */
  ofRoute(route: Pick<Route, 'routeKey' | 'throttling'>): GatewayProblem | undefined {
    const throttling = route.throttling ?? this.#options.route;
    if (!throttling) return undefined;
    const now = this.#now();
    let bucket = this.#routes.get(route);
    if (!bucket) {
      bucket = this.#bucket(throttling, now);
      this.#routes.set(route, bucket);
    }
    return refusal(bucket.take(now), `${route.routeKey} takes ${throttling.rateLimit} requests a second`);
  }

  #bucket({ rateLimit, burstLimit }: Throttling, now: number): TokenBucket {
    const share = { rateLimit: rateLimit / this.#processes, burstLimit: Math.floor(burstLimit / this.#processes) };
    return new TokenBucket({ ...share, burstLimit: Math.max(1, share.burstLimit) }, now);
  }
}

function refusal(waitSeconds: number, why: string): GatewayProblem | undefined {
  return waitSeconds === 0 ? undefined : problems.rateExceeded(why, waitSeconds);
}
