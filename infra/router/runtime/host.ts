/** All functions of a manifest and their environments: what gateway and control invoke. */
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import type { Launch } from './environment.ts';
import { FunctionMetrics } from './function-metrics.ts';
import type { FunctionError, Outcome } from './invocation.ts';
import { launchNode, launchRic } from './launch.ts';
import { locateRic } from './locate-ric.ts';
import { Pool } from './pool.ts';
import { onlyWorker, requireShares, type WorkerIndex } from './share.ts';

export class FunctionHost {
  readonly pools = new Map<string, Pool>();
  readonly metrics = new FunctionMetrics();
  readonly #config: Config;
  readonly #env: NodeJS.ProcessEnv;
  readonly #worker: WorkerIndex;
  readonly #writeLog: (line: string, requestId: string | undefined) => void;
  #ric: string | undefined;

  /**
   * @param env      environment that functions may get variables from
   * @param writeLog gets the functions' log lines, each with the id of the invocation that wrote it where that is known
   * @param worker   which router process this is, where there are several
   */
  constructor(
    config: Config,
    env: NodeJS.ProcessEnv,
    writeLog: (line: string, requestId: string | undefined) => void,
    worker = onlyWorker,
  ) {
    this.#config = config;
    this.#env = env;
    this.#writeLog = writeLog;
    this.#worker = worker;
  }

  /** @throws ConfigurationError when one of the functions can't run here: no such runtime, no share of its limits */
  check(functions: FunctionConfiguration[]): void {
    requireShares(
      functions.filter(({ onStart }) => !onStart),
      this.#worker,
    );
    if (functions.some((configuration) => this.#usesRic(configuration))) this.#ricPath();
  }

  add(configuration: FunctionConfiguration): Pool {
    const { initTimeoutMs, idleTimeoutMs, maxEnvironments } = this.#config;
    const pool = new Pool(configuration, {
      launch: (current) => this.#launch(current),
      initTimeout: initTimeoutMs,
      idleTimeout: idleTimeoutMs,
      maxEnvironments,
      metrics: this.metrics,
      writeLog: this.#writeLog,
      worker: this.#worker,
    });
    this.pools.set(configuration.name, pool);
    return pool;
  }

  /** When a function was last invoked, by performance.now(); undefined while an invocation is in flight. */
  get idleSince(): number | undefined {
    let latest = 0;
    for (const { inFlight, lastInvoked } of this.pools.values()) {
      if (inFlight > 0) return undefined;
      latest = Math.max(latest, lastInvoked);
    }
    return latest;
  }

  /** Starts every function's warm environments. One that fails is tried again by its pool, and does not stop the rest. */
  async warm(): Promise<void> {
    await Promise.allSettled([...this.pools.values()].map((pool) => pool.warm()));
  }

  /** @param grace milliseconds that invocations in flight get to finish */
  async stop(grace = this.#config.shutdownTimeoutMs): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.stop(grace)));
  }

  #usesRic(configuration: FunctionConfiguration): boolean {
    return (configuration.runtime ?? this.#config.runtime) === 'ric';
  }

  #ricPath(): string {
    this.#ric ??= locateRic(this.#config.ricPath, import.meta.dirname);
    return this.#ric;
  }

  #launch(configuration: FunctionConfiguration): Launch {
    if (this.#usesRic(configuration)) return launchRic(configuration, this.#config, this.#env, this.#ricPath());
    return launchNode(configuration, this.#config, this.#env);
  }
}

/** A failed outcome's error, or undefined for an answer. */
export function errorOf(outcome: Outcome): FunctionError | undefined {
  if (outcome.type === 'throttled') return { errorType: 'TooManyRequestsException', errorMessage: 'Rate exceeded' };
  return outcome.type === 'error' || outcome.type === 'failure' ? outcome.error : undefined;
}
