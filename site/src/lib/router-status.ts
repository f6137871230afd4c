/**
 * Reads the router's `GET /status` for the System page.
 *
 * The router may be older or newer than the site, or still starting, so every field is checked and has a fallback. The
 * types follow from the readers: the router's own declaration is in `infra/router/status/status.ts`, and the site may
 * not import from there.
 */

/** The state of one router and its functions. `name` is that of its container or machine. */
export type RouterStatus = NonNullable<ReturnType<typeof readStatus>>;

/** The state of one function. `init` and `duration` are in milliseconds, `timeout` in seconds, `memory` in MB. */
export type FunctionStatus = NonNullable<ReturnType<typeof readFunction>>;

/** Two quantiles of a time, in milliseconds. */
export type Quantiles = NonNullable<ReturnType<typeof readQuantiles>>;

type Data = Record<string, unknown>;

/** @returns undefined if the body is not a status */
export function readStatus(body: unknown) {
  const status = recordOf(body);
  if (!status || !Array.isArray(status.functions)) return undefined;
  return {
    name: textOf(status.router),
    uptimeSeconds: numberOr(status.uptimeSeconds, 0),
    runtime: textOf(status.runtime),
    pid: numberOr(status.pid, 0),
    functions: status.functions.flatMap((item) => readFunction(recordOf(item)) ?? []),
  };
}

/** From the state that needs attention to the one that needs none. */
const statesBySeverity = ['failed', 'pending', 'active', 'inactive'];

/**
 * Adds up the functions of several routers. Of the quantiles the largest counts: within that time all routers are.
 * @returns each function once
 */
export function mergeFunctions(routers: readonly RouterStatus[]): FunctionStatus[] {
  const merged = new Map<string, FunctionStatus>();
  for (const one of routers.flatMap(({ functions }) => functions)) {
    const others = merged.get(one.name);
    merged.set(one.name, others ? mergeFunction(others, one) : one);
  }
  return [...merged.values()];
}

function mergeFunction(one: FunctionStatus, other: FunctionStatus): FunctionStatus {
  return {
    ...one,
    state: statesBySeverity.find((state) => state === one.state || state === other.state) ?? one.state,
    environments: [...one.environments, ...other.environments],
    invocations: one.invocations + other.invocations,
    errors: one.errors + other.errors,
    throttles: one.throttles + other.throttles,
    timeouts: one.timeouts + other.timeouts,
    coldStarts: one.coldStarts + other.coldStarts,
    inFlight: one.inFlight + other.inFlight,
    init: largest(one.init, other.init),
    duration: largest(one.duration, other.duration),
  };
}

function largest(one: Quantiles | undefined, other: Quantiles | undefined): Quantiles | undefined {
  if (!one || !other) return one ?? other;
  return { p50: Math.max(one.p50, other.p50), p99: Math.max(one.p99, other.p99) };
}

function readFunction(item: Data | undefined) {
  if (!item || typeof item.name !== 'string') return undefined;
  return {
    name: item.name,
    route: typeof item.route === 'string' ? item.route : undefined,
    state: textOf(item.state),
    environments: (Array.isArray(item.environments) ? item.environments : []).flatMap((value) => {
      const environment = recordOf(value);
      return environment ? readEnvironment(environment) : [];
    }),
    provisioned: numberOr(item.provisionedConcurrency, 0),
    concurrency: numberOr(item.maxConcurrency, 1),
    reserved: typeof item.reservedConcurrentExecutions === 'number' ? item.reservedConcurrentExecutions : undefined,
    timeout: numberOr(item.timeout, 0),
    memory: numberOr(item.memorySize, 0),
    invocations: numberOr(item.invocations, 0),
    errors: numberOr(item.errors, 0),
    throttles: numberOr(item.throttles, 0),
    timeouts: numberOr(item.timeouts, 0),
    coldStarts: numberOr(item.coldStarts, 0),
    inFlight: numberOr(item.inFlight, 0),
    init: readQuantiles(item.initMs),
    duration: readQuantiles(item.durationMs),
  };
}

function readEnvironment(environment: Data) {
  return {
    id: String(environment.id ?? ''),
    state: textOf(environment.state),
    invocations: numberOr(environment.invocations, 0),
  };
}

/** @returns undefined before the first invocation, when the router has no figures yet */
function readQuantiles(value: unknown) {
  const data = recordOf(value);
  if (typeof data?.p50 !== 'number' || typeof data.p99 !== 'number') return undefined;
  return { p50: data.p50, p99: data.p99 };
}

function recordOf(value: unknown): Data | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}
