/**
 * Prometheus metrics of the HTTP API: how many requests each route answered, how fast, and which ones it refused to shed load.
 * @see infra/docs/decisions/057-metrics.md
 */
import Counter from 'prom-client/lib/counter.js';
import Histogram from 'prom-client/lib/histogram.js';
import type Registry from 'prom-client/lib/registry.js';
import type { Route } from './route-tree.ts';

/** Upper bounds of the buckets (s): from an answer out of the cache to the 30 s that API Gateway waits for a function. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The labels of a request that has no route. Clients choose its path, so the path is no label. */
const noRoute = { function: 'none', route: 'none' };

/** Why the gateway refuses a request although client and route are within their rate limits. */
export const shedReasons = ['concurrency', 'overloaded', 'memory', 'streams'] as const;
export type ShedReason = (typeof shedReasons)[number];

type RequestLabel = 'function' | 'route' | 'status';
type RouteOfRequest = Pick<Route, 'functionName' | 'routeKey'>;

/** The labels of one route's responses, by the first digit of their status. */
type LabelsByClass = Record<RequestLabel, string>[];

/** Counts the requests of one router process. */
export class HttpMetrics {
  readonly #duration: Histogram<RequestLabel>;
  readonly #shed: Counter<'function' | 'reason'>;
  /** A reload makes new routes. */
  readonly #labels = new WeakMap<RouteOfRequest, LabelsByClass>();
  readonly #labelsOfNone = labelsOf(noRoute);

  constructor(registry: Registry) {
    this.#duration = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of a request to the head of its response, by route and class of status',
      labelNames: ['function', 'route', 'status'],
      buckets: durationBuckets,
      registers: [registry],
    });
    this.#shed = new Counter({
      name: 'http_shed_requests_total',
      help: 'Requests that were refused for want of executions, time, memory or streams',
      labelNames: ['function', 'reason'],
      registers: [registry],
    });
  }

  /**
   * Counts a response.
   * @param route undefined where none was found
   * @param statusCode of the response, from 200 to 599: the gateway answers 500 or 502 in the place of any other
   * @param milliseconds from the arrival of the request to the head of the response
   */
  answered(route: RouteOfRequest | undefined, statusCode: number, milliseconds: number): void {
    const labels = route ? this.#labelsOf(route) : this.#labelsOfNone;
    this.#duration.observe(labels[Math.floor(statusCode / 100)] as LabelsByClass[number], milliseconds / 1000);
  }

  /** Counts a request that the router did not let through to a function. */
  shed(functionName: string, reason: ShedReason): void {
    this.#shed.inc({ function: functionName, reason });
  }

  #labelsOf(route: RouteOfRequest): LabelsByClass {
    let labels = this.#labels.get(route);
    if (labels === undefined) {
      const { functionName, routeKey } = route;
      labels = labelsOf({ function: functionName, route: routeKey });
      this.#labels.set(route, labels);
      // Prometheus sees no increase from nothing to one, so errors and refusals begin at 0.
      this.#duration.zero(labels[5] as LabelsByClass[number]);
      for (const reason of shedReasons) this.#shed.inc({ function: functionName, reason }, 0);
    }
    return labels;
  }
}

function labelsOf(route: { function: string; route: string }): LabelsByClass {
  return Array.from({ length: 6 }, (_, digit) => ({ ...route, status: `${digit}xx` }));
}
