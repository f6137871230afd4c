/**
 * The metrics that one router process has beside those of its functions, and the text of GET /metrics.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import AggregatorRegistry from 'prom-client/lib/cluster.js';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';
import type { EventQueue } from '../control/event-queue.ts';
import type { Limits } from '../http/limits.ts';
import { processUsage } from '../process/process-usage.ts';
import type { FunctionHost } from '../runtime/host.ts';
import type { RouterSnapshot } from './snapshot.ts';

type Labels = Record<string, string>;
/** Called when the registry is read. It passes each value of one metric to `set`. */
type Read = (set: (value: number, labels?: Labels) => void) => void;

/**
 * Registers the metrics of the environments, the event queue, the rate limits and the router process. Their values are computed when the
 * registry is read, so an invocation pays nothing for them.
 * @param registry gets the metrics
 */
export function registerRouterMetrics(registry: Registry, host: FunctionHost, queue: EventQueue, limits: Limits): void {
  const gauge = (name: string, help: string, labelNames: string[], read: Read, aggregator: 'sum' | 'min' = 'sum') => {
    const metric = new Gauge({ name, help, labelNames, aggregator, registers: [registry], collect });
    function collect() {
      metric.reset();
      read((value, labels = {}) => metric.set(labels, value));
    }
  };
  const counter = (name: string, help: string, labelNames: string[], read: Read) => {
    const metric = new Counter({ name, help, labelNames, registers: [registry], collect });
    function collect() {
      metric.reset();
      read((value, labels = {}) => metric.inc(labels, value));
    }
  };
  /** CPU time and memory of each environment whose process Linux still reports in /proc. */
  const environmentUsages = () =>
    [...host.pools].flatMap(([name, { environments }]) =>
      [...environments].flatMap(({ id, pid }) => {
        const usage = processUsage(pid);
        return usage ? { usage, labels: { function: name, environment: id } } : [];
      }),
    );

  gauge('lambda_concurrent_executions', 'Invocations at this moment, waiting ones included', ['function'], (set) => {
    for (const [name, { inFlight }] of host.pools) set(inFlight, { function: name });
  });
  gauge(
    'lambda_queued_invocations',
    'Invocations that wait for an environment or for their turn',
    ['function'],
    (set) => {
      for (const [name, { waiting }] of host.pools) set(waiting, { function: name });
    },
  );
  gauge('lambda_environments', 'Environments by state', ['function', 'state'], (set) => {
    for (const [name, { environments }] of host.pools) {
      const states = [...environments].map(({ state }) => state);
      for (const state of ['starting', 'ready', 'ending']) {
        set(states.filter((one) => one === state).length, { function: name, state });
      }
    }
  });
  const ofEnvironment = ['function', 'environment'];
  counter('lambda_environment_cpu_seconds_total', 'CPU time of a function process', ofEnvironment, (set) => {
    for (const { usage, labels } of environmentUsages()) set(usage.cpuSeconds, labels);
  });
  gauge('lambda_environment_resident_memory_bytes', 'Memory of a function process', ofEnvironment, (set) => {
    for (const { usage, labels } of environmentUsages()) set(usage.residentBytes, labels);
  });
  counter('lambda_async_events_received_total', 'Events that the queue took', [], (set) => set(queue.received));
  counter('lambda_async_events_dropped_total', 'Events that were given up', [], (set) => set(queue.dropped));
  gauge('lambda_async_events_queued', 'Events that run or wait for a retry', [], (set) => set(queue.size));
  counter('http_rate_limited_requests_total', 'Requests that a rate limit refused', ['limit'], (set) => {
    for (const [limit, count] of Object.entries(limits.rateLimited)) set(count, { limit });
  });
  counter('process_cpu_seconds_total', 'CPU time of the router', [], (set) => {
    const { user, system } = process.cpuUsage();
    set((user + system) / 1e6);
  });
  gauge('process_resident_memory_bytes', 'Memory of the router', [], (set) => set(process.memoryUsage.rss()));
  const startedAt = Math.round(Date.now() - process.uptime() * 1000) / 1000;
  gauge('process_start_time_seconds', 'Start of the router, since the epoch', [], (set) => set(startedAt), 'min');
}

/** @returns the metrics of a snapshot in the text format of Prometheus, and its content type */
export async function formatMetrics({ metrics }: RouterSnapshot): Promise<{ contentType: string; body: string }> {
  const registry = AggregatorRegistry.aggregate([metrics]);
  return { contentType: registry.contentType, body: await registry.metrics() };
}
