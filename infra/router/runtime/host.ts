/** All functions of a manifest and their environments: what gateway and control invoke. */
import type { Config } from '../config.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import type { Launch } from './environment.ts';
import type { FunctionError, Outcome } from './invocation.ts';
import { launchNode, launchRic } from './launch.ts';
import { locateRic } from './locate-ric.ts';
import { Pool } from './pool.ts';
import { alone, type Place, requireShares } from './share.ts';

export class FunctionHost {
  readonly pools = new Map<string, Pool>();
  readonly #config: Config;
  readonly #env: NodeJS.ProcessEnv;
  readonly #place: Place;
  readonly #writeLog: (line: string, requestId: string | undefined) => void;
  #ric: string | undefined;

  /**
   * @param env      environment that functions may get variables from
   * @param writeLog gets the functions' log lines, each with the id of the invocation that wrote it where that is known
   * @param place    of this router process, where there are others
   */
  constructor(
    config: Config,
    env: NodeJS.ProcessEnv,
    writeLog: (line: string, requestId: string | undefined) => void,
    place = alone,
  ) {
    this.#config = config;
    this.#env = env;
    this.#writeLog = writeLog;
    this.#place = place;
  }

  /** @throws ConfigurationError when one of the functions can't run here: no such runtime, no share of its limits */
  check(functions: FunctionConfiguration[]): void {
    requireShares(
      functions.filter(({ onStart }) => !onStart),
      this.#place,
    );
    if (functions.some((configuration) => this.#usesRic(configuration))) this.#ricPath();
  }

  add(configuration: FunctionConfiguration): Pool {
    const { initTimeout, idleTimeout, maxEnvironments } = this.#config;
    const pool = new Pool(configuration, {
      launch: (current) => this.#launch(current),
      initTimeout,
      idleTimeout,
      maxEnvironments,
      writeLog: this.#writeLog,
      place: this.#place,
    });
    this.pools.set(configuration.name, pool);
    return pool;
  }

  /** Invocations so far; undefined while one is in hand. */
  get idleAfter(): number | undefined {
    let sum = 0;
    for (const { inFlight, statistics } of this.pools.values()) {
      if (inFlight > 0) return undefined;
      sum += statistics.invocations;
    }
    return sum;
  }

  /** Starts every function's warm environments. One that fails is tried again by its pool, and does not stop the rest. */
  async warm(): Promise<void> {
    await Promise.allSettled([...this.pools.values()].map((pool) => pool.warm()));
  }

  /** @param grace milliseconds that invocations in flight get to finish */
  async stop(grace = this.#config.shutdownTimeout): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.stop(grace)));
  }

  #usesRic(configuration: FunctionConfiguration): boolean {
    return (configuration.runtime ?? this.#config.runtime) === 'ric';
  }

  #ricPath(): string {
    this.#ric ??= locateRic(this.#env, import.meta.dirname);
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
