/** The environments of one function: picks one for each invocation, starts them and ends them. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { ClientTurns } from '../../http/client-turns.ts';
import type { FunctionConfiguration } from '../manifest.ts';
import { log } from '../process/log.ts';
import { endIdleEnvironments } from './end-idle.ts';
import { Environment } from './environment.ts';
import { InitPause } from './init-pause.ts';
import type { FunctionError, Invocation, InvocationOutcome, Settle } from './invocation.ts';
import { isOverloaded } from './overload.ts';
import { pickEnvironment, pickForPrefetch, roomToWork, shortRunMs } from './pick-environment.ts';
import type { PoolOptions } from './pool-options.ts';
import { hasShareOfReserve, mayWaitBeyondReserve, type ReserveUse } from './reserve.ts';
import { type Limits, onlyWorker, shareLimits } from './share.ts';
import { Statistics } from './statistics.ts';

/** An invocation that waits for its turn. */
interface WaitingInvocation {
  invocation: Invocation;
  settle: Settle;
  timer: NodeJS.Timeout;
}

/** How many environments of one function may be in INIT at once. More would take the processor from environments that work. */
export const maxStarting = Math.max(2, availableParallelism());

/** How often a pool looks for idle environments (ms), unless the idle time-out is shorter. */
const maxIdleCheckMs = 30_000;

/** A client gives a process work for this time (ms), or one invocation. Its other invocations wait in the router. */
const clientShareMs = 50;

/** How much the last run counts in the average run. */
const lastRunShare = 0.1;

export class Pool {
  configuration: FunctionConfiguration;
  /** This router process's share of the function's limits. */
  limits: Limits;
  readonly statistics: Statistics;
  /** The environments that are starting or ready. */
  readonly environments = new Set<Environment>();
  /** Invocations that run or wait. */
  inFlight = 0;
  /** When the last invocation came, by performance.now(). */
  lastInvoked = 0;
  /** Why the last INIT failed; undefined once an INIT has succeeded. */
  initError: FunctionError | undefined;

  readonly #options: PoolOptions;
  /** The environments whose process is not gone yet. */
  readonly #processes = new Set<Environment>();
  readonly #turns = new ClientTurns<WaitingInvocation>();
  readonly #idleCheck: NodeJS.Timeout;
  #lastId = 0;
  /** How long an invocation runs on average, without its wait (ms). */
  #runMs = 0;
  readonly #initPause = new InitPause(() => this.#startMissing());
  #stopping = false;
  #whenIdle: (() => void) | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(configuration: FunctionConfiguration, options: PoolOptions) {
    this.configuration = configuration;
    this.limits = shareLimits(configuration, options.worker ?? onlyWorker);
    this.statistics = new Statistics(configuration.name, options.metrics);
    this.#options = options;
    const endIdle = () =>
      endIdleEnvironments(this.environments, this.limits.provisionedConcurrency, options.idleTimeoutMs);
    this.#idleCheck = setInterval(endIdle, Math.min(options.idleTimeoutMs, maxIdleCheckMs)).unref();
  }

  /**
   * Starts the environments that provisionedConcurrency keeps warm, a few at a time, and waits for them.
   * @throws the FunctionError of an INIT that failed
   */
  async warm(): Promise<void> {
    this.#startMissing();
    // Each environment that is ready makes room for the start of another one.
    while (this.#starting > 0) await Promise.all([...this.environments].map((environment) => environment.ready));
  }

  /** Runs an event to its end. Never rejects: every failure is an outcome. */
  invoke(invocation: Invocation): Promise<InvocationOutcome> {
    const { client } = invocation;
    const isFull = this.inFlight >= this.limits.reservedConcurrentExecutions;
    const other = isFull ? this.#turns.newestOfBusiest(client) : undefined;
    const hasNoRoom = isFull && !other && !mayWaitBeyondReserve(client, this.#reserveUse);
    const overloaded = !hasNoRoom && !this.#stopping && this.#isOverloaded(client);
    if (hasNoRoom || this.#stopping || overloaded) {
      this.statistics.throttle();
      return Promise.resolve({ type: 'throttled', ...(overloaded && { overloaded }) });
    }
    if (other) this.#refuse(other);
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
   * Takes new code or settings: a new environment takes over, and the old ones finish their invocations in flight. With
   * `hasOneProcess` the new environment starts after them.
   * @throws the FunctionError of the new environment's INIT; the old ones go on then
   */
  async replace(configuration: FunctionConfiguration): Promise<void> {
    const { hasOneProcess } = this.#options;
    if (this.environments.size > 0 && !hasOneProcess) await this.#start(configuration).ready;
    if (hasOneProcess && this.inFlight > 0) {
      log.info('The new code of an inspected function waits for the invocation in flight', {
        function: configuration.name,
      });
    }
    this.configuration = configuration;
    this.limits = shareLimits(configuration, this.#options.worker ?? onlyWorker);
    this.#initPause.end();
    for (const environment of this.environments) {
      if (environment.configuration !== configuration) void environment.end();
    }
    this.#startMissing();
  }

  /**
   * Lets the invocations in flight finish, then ends every process.
   * @param graceMs how long they get (ms); after it they fail
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#idleCheck);
    if (this.inFlight > 0) {
      const idle = Promise.withResolvers<void>();
      this.#whenIdle = idle.resolve;
      const timer = setTimeout(idle.resolve, graceMs);
      await idle.promise;
      clearTimeout(timer);
    }
    for (const environment of this.#processes) {
      if (environment.inFlight > 0) environment.kill();
      else void environment.end();
    }
    await Promise.all([...this.#processes].map((environment) => environment.exited));
  }

  /** How many invocations wait for an environment or for the turn of their client. */
  get waiting(): number {
    return this.#turns.length;
  }

  #finished(outcome: InvocationOutcome, begun: number): void {
    this.inFlight--;
    this.statistics.invocation(outcome, performance.now() - begun);
    if (this.inFlight === 0) this.#whenIdle?.();
    this.#serveQueue();
  }

  /** How many more invocations may run. */
  get #free(): number {
    return this.limits.reservedConcurrentExecutions - (this.inFlight - this.#turns.length);
  }

  get #reserveUse(): ReserveUse {
    return { limits: this.limits, othersShare: this.#options.othersShare, inFlight: this.inFlight, turns: this.#turns };
  }

  #isOverloaded(client: string | undefined): boolean {
    const { maxWaitMs } = this.#options;
    return isOverloaded(client, { environments: this.environments, turns: this.#turns, runMs: this.#runMs, maxWaitMs });
  }

  /** Whether a client has its share of a process and of the function: the router cannot take back an event that a process has. */
  #hasShare(client: string | undefined, environment: Environment): boolean {
    if (hasShareOfReserve(client, this.#reserveUse)) return true;
    return environment.inFlight > 0 && environment.isBusyWith(this.#turns.runningOf(client), clientShareMs);
  }

  #run(environment: Environment, invocation: Invocation, settle: Settle): void {
    const { client } = invocation;
    this.#turns.begin(client);
    const onOutcome: Settle = (outcome) => {
      this.#turns.end(client);
      if (environment.maxConcurrency === 1) this.#runMs += (environment.lastRunMs - this.#runMs) * lastRunShare;
      settle(outcome);
      this.#serveQueue();
    };
    environment.invoke(invocation, onOutcome, () => {
      this.#turns.end(client);
      if (this.#stopping) settle({ type: 'throttled' });
      else this.#wait(invocation, settle);
    });
  }

  #dispatch(invocation: Invocation, settle: Settle): void {
    const { client } = invocation;
    const hasTurn = this.#free >= 0 && this.#turns.waitingOf(client) === 0; // inFlight counts this invocation already.
    const environment = hasTurn ? pickEnvironment(this.environments) : undefined;
    if (environment && !this.#hasShare(client, environment)) {
      this.#run(environment, invocation, settle);
      return;
    }
    if (this.environments.size === 0 && this.#initPause.isPaused) {
      settle(this.#initFailure());
      return;
    }
    this.#wait(invocation, settle);
  }

  #wait(invocation: Invocation, settle: Settle): void {
    // Long enough for an INIT and one run of the function.
    const patienceMs = this.#options.initTimeoutMs + this.configuration.timeout * 1000;
    const waiting: WaitingInvocation = {
      invocation,
      settle,
      timer: setTimeout(() => this.#giveUp(waiting), patienceMs),
    };
    this.#turns.push(invocation.client, waiting);
    this.#serveQueue();
  }

  /**
   * Whether one more environment may start, and the ones that will soon have room are too few for the queue.
   * @param room how many more environments may work at once
   */
  #needsAnother(room: number): boolean {
    if (this.environments.size >= this.#options.maxEnvironments || this.#starting >= maxStarting) return false;
    if (this.#waitsForExit) return false;
    let comingRoom = 0;
    for (const { state, maxConcurrency, resting } of this.environments) {
      if (state === 'starting' || resting) comingRoom += maxConcurrency;
    }
    return Math.min(this.#turns.length, this.#free, room) > comingRoom;
  }

  get #waitsForExit(): boolean {
    return this.#options.hasOneProcess === true && this.#processes.size > 0;
  }

  get #starting(): number {
    let starting = 0;
    for (const { state } of this.environments) if (state === 'starting') starting++;
    return starting;
  }

  /** Throttles an invocation that found no room in time. INIT has a limit of its own, which a busy machine extends. */
  #giveUp(waiting: WaitingInvocation): void {
    if (this.#starting === 0) this.#refuse(waiting);
    else waiting.timer = setTimeout(() => this.#giveUp(waiting), this.configuration.timeout * 1000);
  }

  #refuse(waiting: WaitingInvocation): void {
    clearTimeout(waiting.timer);
    this.#turns.remove(waiting.invocation.client, waiting);
    waiting.settle({ type: 'throttled' });
  }

  #serveQueue(): void {
    while (this.#turns.length > 0 && this.#free > 0) {
      const room = roomToWork(this.environments);
      let environment = pickEnvironment(this.environments, room);
      if (!environment) {
        if (room <= 0) this.#serveLater();
        else if (!this.#stopping && !this.#initPause.isPaused && this.#needsAnother(room)) {
          this.#start(this.configuration);
        }
        environment = this.#pickForPrefetch();
      }
      // Invocations may wait for the turn of their client, too, so a queue can outlive the last room.
      if (!environment) return;
      const waiting = this.#turns.take((client) => !this.#hasShare(client, environment));
      if (!waiting) return;
      clearTimeout(waiting.timer);
      this.#run(environment, waiting.invocation, waiting.settle);
    }
  }

  /** A process works ahead for a client only while no other client waits, who would have to wait for all of it. */
  #pickForPrefetch(): Environment | undefined {
    const { first } = this.#turns;
    if (this.#turns.waitingOf(first) < this.#turns.length) return undefined;
    return pickForPrefetch(this.environments, first);
  }

  /** Looks at the queue again when the invocations that run now are no short ones any more. */
  #serveLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#serveQueue();
    }, shortRunMs).unref();
  }

  #start(configuration: FunctionConfiguration): Environment {
    const { index, count } = this.#options.worker ?? onlyWorker;
    const environment = new Environment({
      // Unique on the host: the worker's number distinguishes the environments of several router processes.
      id: `${configuration.name}-${count > 1 ? `${index + 1}.` : ''}${++this.#lastId}`,
      configuration,
      launch: this.#options.launch(configuration),
      initTimeoutMs: this.#options.initTimeoutMs,
      writeLog: this.#options.writeLog,
      takeMetrics: (line, name) => this.#options.metrics.embedded.take(line, name),
      onRoom: () => this.#serveQueue(),
    });
    this.environments.add(environment);
    this.#processes.add(environment);
    const about = { function: configuration.name, environment: environment.id, pid: environment.pid };
    environment.ready.then(
      () => {
        this.#initPause.end();
        this.initError = undefined;
        this.statistics.coldStart(environment.initMs);
        log.debug('Environment is ready', { ...about, initMs: environment.initMs });
        this.#serveQueue();
        this.#startMissing();
      },
      (error: FunctionError) => {
        if (this.#stopping) return;
        log.error('INIT failed', { ...about, ...error });
        if (configuration === this.configuration) this.#initFailed(environment, error);
      },
    );
    environment.closed.then(() => {
      this.environments.delete(environment);
      this.#startMissing();
    });
    environment.exited.then(() => {
      this.#processes.delete(environment);
      log.debug('Environment ended', about);
      if (this.#options.hasOneProcess) this.#startMissing();
    });
    return environment;
  }

  #initFailed(environment: Environment, error: FunctionError): void {
    this.initError = error;
    this.environments.delete(environment);
    this.#initPause.begin();
    if (this.environments.size > 0) return;
    for (const { settle, timer } of this.#turns.drain()) {
      clearTimeout(timer);
      settle(this.#initFailure());
    }
  }

  #initFailure(): InvocationOutcome {
    const error = this.initError ?? { errorType: 'Runtime.Unknown', errorMessage: 'INIT failed' };
    return { type: 'failure', reason: 'init', error };
  }

  /** Starts environments in the place of those that ended, for provisionedConcurrency and for the queue. */
  #startMissing(): void {
    if (this.#stopping || this.#initPause.isPaused) return;
    const { maxConcurrency } = this.configuration;
    const mayRun = Math.min(this.#turns.length, this.#free, roomToWork(this.environments));
    const forQueue = Math.min(Math.ceil(mayRun / maxConcurrency), this.#options.maxEnvironments);
    const wanted = Math.max(this.limits.provisionedConcurrency, forQueue);
    while (this.environments.size < wanted && this.#starting < maxStarting && !this.#waitsForExit) {
      this.#start(this.configuration);
    }
  }
}
