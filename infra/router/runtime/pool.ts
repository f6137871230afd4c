/** The environments of one function: picks one for each invocation, starts them and ends them. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { FunctionConfiguration } from '../manifest.ts';
import { log } from '../process/log.ts';
import { Environment, type Launch } from './environment.ts';
import type { FunctionMetrics } from './function-metrics.ts';
import type { FunctionError, Invocation, Outcome, Settle } from './invocation.ts';
import { type Limits, onlyWorker, shareLimits, type WorkerIndex } from './share.ts';
import { Statistics } from './statistics.ts';

export interface PoolOptions {
  launch(configuration: FunctionConfiguration): Launch;
  /** Milliseconds. */
  initTimeout: number;
  idleTimeout: number;
  /** Processes at most. Past it invocations wait. */
  maxEnvironments: number;
  /** Which router process this is, where there are several: each has a share of the function's limits. */
  worker?: WorkerIndex;
  /** Metrics of all functions of this router process. */
  metrics: FunctionMetrics;
  writeLog(line: string, requestId: string | undefined): void;
}

interface Waiting {
  invocation: Invocation;
  settle: Settle;
  timer: NodeJS.Timeout;
}

/** Processes of one function in INIT at once: more of them would take the processor from those that work. */
const maxStarting = Math.max(2, availableParallelism());

/** Pauses after INIT failed once, twice and so on, in milliseconds; the last one stays. */
const pauses = [250, 1000, 4000, 15_000, 60_000];

export class Pool {
  configuration: FunctionConfiguration;
  /** Those that hold for this process alone. */
  limits: Limits;
  readonly statistics: Statistics;
  /** Those that take events or will. */
  readonly environments = new Set<Environment>();
  inFlight = 0;
  /** When, by performance.now(). */
  lastInvoked = 0;
  /** Why the last INIT failed; undefined once one has succeeded. */
  initError: FunctionError | undefined;

  readonly #options: PoolOptions;
  readonly #processes = new Set<Environment>();
  /** First come, first served. */
  readonly #queue: Waiting[] = [];
  readonly #sweep: NodeJS.Timeout;
  #lastId = 0;
  #initFailures = 0;
  #pausedUntil = 0;
  #stopping = false;
  #whenIdle: (() => void) | undefined;

  constructor(configuration: FunctionConfiguration, options: PoolOptions) {
    this.configuration = configuration;
    this.limits = shareLimits(configuration, options.worker ?? onlyWorker);
    this.statistics = new Statistics(configuration.name, options.metrics);
    this.#options = options;
    this.#sweep = setInterval(() => this.#endIdle(), Math.min(options.idleTimeout, 30_000)).unref();
  }

  /**
   * Starts the environments that are kept warm and waits for them.
   * @throws the FunctionError of an INIT that failed
   */
  async warm(): Promise<void> {
    const missing = this.limits.provisionedConcurrency - this.environments.size;
    const started = Array.from({ length: Math.max(0, missing) }, () => this.#start(this.configuration));
    await Promise.all(started.map((environment) => environment.ready));
  }

  /** Runs an event to its end. Never rejects: every failure is an outcome. */
  invoke(invocation: Invocation): Promise<Outcome> {
    if (this.inFlight >= this.limits.reservedConcurrentExecutions || this.#stopping) {
      this.statistics.throttle();
      return Promise.resolve({ type: 'throttled' });
    }
    this.inFlight++;
    const begun = performance.now();
    this.lastInvoked = begun;
    return new Promise((resolve) => {
      this.#dispatch(invocation, (outcome) => {
        if (outcome.type === 'stream') outcome.stream.once('close', () => this.#finished(outcome, begun));
        else this.#finished(outcome, begun);
        resolve(outcome);
      });
    });
  }

  /**
   * Takes new code or settings: an environment of it takes over, and the old ones finish what they have in hand.
   * @throws the FunctionError of its INIT; then all stays as it was
   */
  async replace(configuration: FunctionConfiguration): Promise<void> {
    const old = [...this.environments];
    if (old.length > 0) await this.#start(configuration).ready;
    this.configuration = configuration;
    this.limits = shareLimits(configuration, this.#options.worker ?? onlyWorker);
    this.#initFailures = 0;
    this.#pausedUntil = 0;
    for (const environment of old) void environment.end();
    this.#keepWarm();
  }

  /** Lets what is in flight finish, for at most `grace` milliseconds, then ends every process. */
  async stop(grace: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweep);
    if (this.inFlight > 0) {
      const idle = Promise.withResolvers<void>();
      this.#whenIdle = idle.resolve;
      const timer = setTimeout(idle.resolve, grace);
      await idle.promise;
      clearTimeout(timer);
    }
    for (const environment of this.#processes) {
      if (environment.inFlight > 0) environment.kill();
      else void environment.end();
    }
    await Promise.all([...this.#processes].map((environment) => environment.exited));
  }

  #finished(outcome: Outcome, begun: number): void {
    this.inFlight--;
    this.statistics.invocation(outcome, performance.now() - begun);
    if (this.inFlight === 0) this.#whenIdle?.();
  }

  #dispatch(invocation: Invocation, settle: Settle): void {
    const environment = this.#pick();
    if (environment) {
      environment.invoke(invocation, settle);
      return;
    }
    if (this.#needsAnother()) {
      if (Date.now() >= this.#pausedUntil) this.#start(this.configuration);
      else if (this.environments.size === 0) {
        settle(this.#initFailure());
        return;
      }
    }
    const waiting: Waiting = { invocation, settle, timer: setTimeout(() => this.#giveUp(waiting), this.#patience()) };
    this.#queue.push(waiting);
  }

  #pick(): Environment | undefined {
    for (const environment of this.environments) if (environment.hasRoom) return environment;
    return undefined;
  }

  /** Whether those that are about to have room have too little for those that wait, and there may be more. */
  #needsAnother(): boolean {
    if (this.environments.size >= this.#options.maxEnvironments) return false;
    let starting = 0;
    let coming = 0;
    for (const { state, maxConcurrency, resting } of this.environments) {
      if (state === 'starting') starting++;
      if (state === 'starting' || resting) coming += maxConcurrency;
    }
    return starting < maxStarting && this.#queue.length >= coming;
  }

  /** Milliseconds that an invocation waits for room: an INIT and one run of the function. */
  #patience(): number {
    return this.#options.initTimeout + this.configuration.timeout * 1000;
  }

  #giveUp(waiting: Waiting): void {
    this.#queue.splice(this.#queue.indexOf(waiting), 1);
    waiting.settle({ type: 'throttled' });
  }

  #serveQueue(): void {
    while (this.#queue.length > 0) {
      const environment = this.#pick();
      if (!environment) return;
      const { invocation, settle, timer } = this.#queue.shift() as Waiting;
      clearTimeout(timer);
      environment.invoke(invocation, settle);
    }
  }

  #start(configuration: FunctionConfiguration): Environment {
    const { index, count } = this.#options.worker ?? onlyWorker;
    const environment = new Environment({
      // Unique on the host: where there are several router processes, it tells which one's it is.
      id: `${configuration.name}-${count > 1 ? `${index + 1}.` : ''}${++this.#lastId}`,
      configuration,
      launch: this.#options.launch(configuration),
      initTimeout: this.#options.initTimeout,
      writeLog: this.#options.writeLog,
      onRoom: () => {
        if (this.#queue.length > 0) this.#serveQueue();
      },
    });
    this.environments.add(environment);
    this.#processes.add(environment);
    const about = { function: configuration.name, environment: environment.id, pid: environment.pid };
    environment.ready.then(
      () => {
        this.#initFailures = 0;
        this.initError = undefined;
        this.statistics.coldStart(environment.initMs);
        log.debug('Environment is ready', { ...about, initMs: environment.initMs });
        this.#serveQueue();
        if (this.#queue.length > 0 && !this.#stopping && this.#needsAnother()) this.#start(this.configuration);
      },
      (error: FunctionError) => {
        if (this.#stopping) return;
        log.error('INIT failed', { ...about, ...error });
        if (configuration === this.configuration) this.#initFailed(environment, error);
      },
    );
    environment.closed.then(() => {
      this.environments.delete(environment);
      this.#keepWarm();
    });
    environment.exited.then(() => {
      this.#processes.delete(environment);
      log.debug('Environment ended', about);
    });
    return environment;
  }

  #initFailed(environment: Environment, error: FunctionError): void {
    const pause = pauses[Math.min(this.#initFailures, pauses.length - 1)] ?? 0;
    this.#initFailures++;
    this.initError = error;
    this.#pausedUntil = Date.now() + pause;
    this.environments.delete(environment);
    setTimeout(() => this.#keepWarm(), pause).unref();
    if (this.environments.size > 0) return;
    for (const { settle, timer } of this.#queue.splice(0)) {
      clearTimeout(timer);
      settle(this.#initFailure());
    }
  }

  #initFailure(): Outcome {
    const error = this.initError ?? { errorType: 'Runtime.Unknown', errorMessage: 'INIT failed' };
    return { type: 'failure', reason: 'init', error };
  }

  /** Replaces environments that ended; also serves those that waited for one of them. */
  #keepWarm(): void {
    if (this.#stopping || Date.now() < this.#pausedUntil) return;
    const { provisionedConcurrency } = this.limits;
    const { maxConcurrency } = this.configuration;
    const forQueue = Math.min(
      Math.ceil(this.#queue.length / maxConcurrency),
      maxStarting,
      this.#options.maxEnvironments,
    );
    const wanted = Math.max(provisionedConcurrency, forQueue);
    for (let size = this.environments.size; size < wanted; size++) this.#start(this.configuration);
  }

  #endIdle(): void {
    const limit = Date.now() - this.#options.idleTimeout;
    let spare = this.environments.size - this.limits.provisionedConcurrency;
    for (const environment of this.environments) {
      if (spare <= 0) return;
      if (environment.state !== 'ready' || environment.inFlight > 0 || environment.idleSince > limit) continue;
      spare--;
      void environment.end();
    }
  }
}
