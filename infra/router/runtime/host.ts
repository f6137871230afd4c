/** The functions of a manifest and their environments, for gateway and control API to invoke. */
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import { FunctionMetrics } from './function-metrics.ts';
import type { LaunchSpec } from './function-process.ts';
import { inspectedLimitMs } from './inspected.ts';
import { nodeLaunchSpec, ricLaunchSpec } from './launch.ts';
import { locateRic } from './locate-ric.ts';
import { Pool } from './pool.ts';
import type { WriteLog } from './process-log.ts';
import { onlyWorker, requireShares, type WorkerIndex } from './share.ts';

/** Where clients have limits, one client leaves this part of reservedConcurrentExecutions to others. */
const othersShare = 1 / 8;

/** Holds one pool a function. */
export class FunctionHost {
  readonly pools = new Map<string, Pool>();
  readonly metrics = new FunctionMetrics();
  readonly #config: Config;
  readonly #env: NodeJS.ProcessEnv;
  readonly #worker: WorkerIndex;
  readonly #writeLog: WriteLog;
  #ricPath: string | undefined;

  /**
   * @param env      environment from which functions get the variables that function.json lists
   * @param writeLog gets each log line of a function, with the id of the invocation that wrote it where that is known
   * @param worker   which router process this is, where there are several
   */
  constructor(config: Config, env: NodeJS.ProcessEnv, writeLog: WriteLog, worker = onlyWorker) {
    this.#config = config;
    this.#env = env;
    this.#writeLog = writeLog;
    this.#worker = worker;
  }

  /** @throws ConfigurationError when a function can't run here: its runtime is missing, or its share of the limits is 0 */
  check(functions: FunctionConfiguration[]): void {
    requireShares(
      functions.filter(({ onStart }) => !onStart),
      this.#worker,
    );
    if (functions.some((configuration) => this.#usesRic(configuration))) this.#locateRic();
  }

  /** Adds a function. Its environments start with `warm()` or with the first invocation. */
  add(configuration: FunctionConfiguration): Pool {
    const { initTimeoutMs, idleTimeoutMs, maxEnvironments, maxWaitMs, rateLimits } = this.#config;
    const limits = { initTimeoutMs, maxEnvironments, maxWaitMs };
    const inspected = { initTimeoutMs: inspectedLimitMs, maxEnvironments: 1, hasOneProcess: true };
    const pool = new Pool(configuration, {
      launch: (current) => this.#launchSpec(current),
      ...(this.#config.inspectors.has(configuration.name) ? inspected : limits),
      idleTimeoutMs,
      // Without limits of clients, one client may take the whole reserve, as on AWS.
      othersShare: rateLimits.client ? othersShare : 0,
      metrics: this.metrics,
      writeLog: this.#writeLog,
      worker: this.#worker,
    });
    this.pools.set(configuration.name, pool);
    return pool;
  }

  /** Starts every function's warm environments. The pool of an INIT that fails tries again; the other pools go on. */
  async warm(): Promise<void> {
    await Promise.allSettled([...this.pools.values()].map((pool) => pool.warm()));
  }

  /**
   * Ends every process.
   * @param graceMs how long the invocations in flight get to finish (ms)
   */
  async stop(graceMs = this.#config.shutdownTimeoutMs): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.stop(graceMs)));
  }

  #usesRic(configuration: FunctionConfiguration): boolean {
    return (configuration.runtimeClient ?? this.#config.runtime) === 'ric';
  }

  #locateRic(): string {
    this.#ricPath ??= locateRic(this.#config.ricPath, import.meta.dirname);
    return this.#ricPath;
  }

  #launchSpec(configuration: FunctionConfiguration): LaunchSpec {
    const env = { ...this.#env, HOSTED_FUNCTIONS: String(this.pools.size) };
    if (this.#usesRic(configuration)) return ricLaunchSpec(configuration, this.#config, env, this.#locateRic());
    return nodeLaunchSpec(configuration, this.#config, env);
  }
}
