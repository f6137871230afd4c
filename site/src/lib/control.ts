/** What the router's control API tells of itself, read with care: it may be older, newer or half started. */

export interface EnvironmentStatus {
  id: string;
  pid: number;
  state: string;
  invocations: number;
}

export interface Quantiles {
  p50: number;
  p99: number;
}

export interface FunctionStatus {
  name: string;
  route: string | undefined;
  state: string;
  environments: EnvironmentStatus[];
  provisioned: number;
  concurrency: number;
  reserved: number | undefined;
  timeout: number;
  memory: number;
  invocations: number;
  errors: number;
  throttles: number;
  timeouts: number;
  coldStarts: number;
  inFlight: number;
  init: Quantiles | undefined;
  duration: Quantiles | undefined;
}

export interface RouterStatus {
  uptimeSeconds: number;
  runtime: string;
  pid: number;
  functions: FunctionStatus[];
}

type Data = Record<string, unknown>;

/** Reads the answer of `GET /status`; undefined if it is something else. */
export function readStatus(body: unknown): RouterStatus | undefined {
  const status = dataOf(body);
  if (!status || !Array.isArray(status.functions)) return undefined;
  return {
    uptimeSeconds: numberOf(status.uptimeSeconds),
    runtime: textOf(status.runtime),
    pid: numberOf(status.pid),
    functions: status.functions.flatMap((item) => readFunction(dataOf(item)) ?? []),
  };
}

function readFunction(item: Data | undefined): FunctionStatus | undefined {
  if (!item || typeof item.name !== 'string') return undefined;
  return {
    name: item.name,
    route: typeof item.route === 'string' ? item.route : undefined,
    state: textOf(item.state),
    environments: (Array.isArray(item.environments) ? item.environments : []).flatMap((given) => {
      const environment = dataOf(given);
      if (!environment) return [];
      return {
        id: String(environment.id ?? ''),
        pid: numberOf(environment.pid),
        state: textOf(environment.state),
        invocations: numberOf(environment.invocations),
      };
    }),
    provisioned: numberOf(item.provisionedConcurrency),
    concurrency: numberOf(item.maxConcurrency, 1),
    reserved: typeof item.reservedConcurrentExecutions === 'number' ? item.reservedConcurrentExecutions : undefined,
    timeout: numberOf(item.timeout),
    memory: numberOf(item.memorySize),
    invocations: numberOf(item.invocations),
    errors: numberOf(item.errors),
    throttles: numberOf(item.throttles),
    timeouts: numberOf(item.timeouts),
    coldStarts: numberOf(item.coldStarts),
    inFlight: numberOf(item.inFlight),
    init: quantilesOf(item.initMs),
    duration: quantilesOf(item.durationMs),
  };
}

function quantilesOf(value: unknown): Quantiles | undefined {
  const data = dataOf(value);
  if (typeof data?.p50 !== 'number' || typeof data.p99 !== 'number') return undefined;
  return { p50: data.p50, p99: data.p99 };
}

function dataOf(value: unknown): Data | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined;
}

function numberOf(value: unknown, fallback = 0): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}
