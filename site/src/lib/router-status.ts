/**
 * Reads the router's `GET /status` for the System page.
 *
 * The router may be older or newer than the site, or still starting, so every field is checked and has a fallback. The
 * types follow from the readers: the router's own declaration is in `infra/router/status/status.ts`, and the site may
 * not import from there.
 */

/** The state of the router and its functions. */
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
    uptimeSeconds: numberOr(status.uptimeSeconds, 0),
    runtime: textOf(status.runtime),
    pid: numberOr(status.pid, 0),
    functions: status.functions.flatMap((item) => readFunction(recordOf(item)) ?? []),
  };
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
    pid: numberOr(environment.pid, 0),
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
