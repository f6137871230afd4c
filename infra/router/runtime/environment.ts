/** An execution environment: one process of one function, from its start to its end. */
import type { Readable } from 'node:stream';
import type { FunctionConfiguration } from '../manifest.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import { FunctionProcess } from './function-process.ts';
import { readStarvedMs, startInitTimer } from './init-timer.ts';
import {
  BrokenStreamError,
  type FunctionError,
  type Invocation,
  type InvocationOutcome,
  type Settle,
  traceIdOf,
  untracedId,
} from './invocation.ts';
import { InvocationTable } from './invocation-table.ts';
import { followOutput } from './process-log.ts';
import type { RuntimeClient } from './runtime-client.ts';
import { SerialEvents } from './serial-events.ts';
import { WaitEstimate } from './wait-estimate.ts';

/** `ending` takes no more events, but may finish the invocations in flight. In `ended` the process is gone. */
export type EnvironmentState = 'starting' | 'ready' | 'ending' | 'ended';

interface InvocationInFlight {
  /** The invocation's number in the environment's table. */
  number: number;
  invocation: Invocation;
  settle: Settle;
  giveBack: () => void;
  /** When it began, by performance.now(); not set for a prefetched one. */
  begun: number;
  /** The invocation's time limit, from its begin. */
  timer: NodeJS.Timeout | undefined;
  /** The streamed answer, once it has begun. */
  stream: Readable | undefined;
}

/** How long a process gets to answer a ping after a time-out (ms). */
const pingGraceMs = 500;

export class Environment {
  readonly id: string;
  readonly configuration: FunctionConfiguration;
  readonly maxConcurrency: number;
  /** When the process was started, by Date.now(). */
  readonly startedAt = Date.now();
  readonly #launchedAt = performance.now();
  state: EnvironmentState = 'starting';
  /** Takes no event before the end of this turn of the event loop, so that the last invocation's log is attributed to it. */
  resting = false;
  /** How many invocations it has taken. */
  invocations = 0;
  /** When the last invocation began, by performance.now(). */
  invokedAt = 0;
  /** When the last invocation ended, by performance.now(). */
  idleSince = performance.now();
  /** How long the last invocation ran (ms). */
  lastRunMs = 0;
  /** How long INIT took (ms). */
  initMs = 0;

  /** Resolves when INIT has succeeded; rejects with a FunctionError when it failed. */
  readonly ready: Promise<void>;
  /** Resolves when the environment takes no more events. */
  readonly closed: Promise<void>;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;

  readonly #options: EnvironmentOptions;
  readonly #process: FunctionProcess;
  readonly #client: RuntimeClient;
  readonly #wait = new WaitEstimate(
    (maxWaitMs) => this.#client.ping(maxWaitMs),
    () => {
      if (this.hasRoom) this.#options.onRoom();
    },
  );
  readonly #inFlight = new InvocationTable<InvocationInFlight>();
  /** The same invocations, where the process takes one at a time. */
  readonly #serial: SerialEvents<InvocationInFlight> | undefined;
  /** The last invocation of an environment that takes one at a time. */
  #last: Invocation | undefined;
  /** Whether a line of the log could be of several invocations. */
  #isLogMixed = false;
  #isKilled = false;
  /** Whether the process answered while it was being killed. It may have begun with the next event then. */
  #hasLateAnswer = false;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #endInitTimer: () => void;
  /** Why the router ends the process, where that explains more than the process's exit. */
  #fault: FunctionError | undefined;

  constructor(options: EnvironmentOptions) {
    this.id = options.id;
    this.configuration = options.configuration;
    this.maxConcurrency = options.launch.maxConcurrency;
    this.#serial = this.maxConcurrency === 1 ? new SerialEvents() : undefined;
    this.#options = options;
    this.ready = this.#ready.promise;
    this.closed = this.#closed.promise;
    this.exited = this.#exited.promise;
    const child = new FunctionProcess(options.launch, {
      exited: () => {
        if (this.state === 'ready') this.#close();
      },
      gone: (how) => this.#gone(how),
    });
    this.#process = child;
    const log = {
      functionName: this.configuration.name,
      requestId: () => this.#loggingInvocation()?.requestId,
      traceId: (requestId: string) => this.#traceIdOf(requestId),
      takeMetrics: (line: string) => options.takeMetrics(line, this.configuration.name),
      write: options.writeLog,
    };
    if (child.stdout) followOutput(child.stdout, 'INFO', log);
    if (child.stderr) followOutput(child.stderr, 'ERROR', log);
    const { socket, pid } = child;
    const events = {
      ready: () => this.#becomeReady(),
      initError: (error: FunctionError) => this.#initFailed(error),
      broken: (error: FunctionError) => this.#broken(error),
    };
    this.#client = socket && pid !== undefined ? options.launch.connect(socket, events, pid) : noClient;
    this.#endInitTimer = startInitTimer(
      options.initTimeoutMs,
      () => readStarvedMs(pid),
      () => this.#initTimedOut(),
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** How many invocations are in flight. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether the environment can take an event now. */
  get hasRoom(): boolean {
    return this.state === 'ready' && this.#inFlight.size < this.maxConcurrency && !this.resting;
  }

  /** How long one more event would probably wait for its turn in the process (ms). */
  get waitMs(): number {
    return this.#inFlight.size * this.#wait.costMs;
  }

  /** How long the process probably takes to look at one more event (ms). It may give the events before it turns. */
  get pingMs(): number {
    return this.#wait.pingMs;
  }

  /** The part of the time of its invocations that the process computes, 0 to 1; undefined until it is known. */
  get activeShare(): number | undefined {
    return this.#wait.activeShare;
  }

  /** How much of the process's time an event probably costs (ms). */
  get costMs(): number {
    return this.#wait.costMs;
  }

  /**
   * Whether some events in flight would keep the process busy for longer than a time. If so, the environment has room again as
   * soon as the process answers a ping.
   * @param events how many events
   * @param maxMs the time (ms)
   */
  isBusyWith(events: number, maxMs: number): boolean {
    if (events * this.#wait.latestCostMs <= maxMs) return false;
    this.#wait.ask(this.#inFlight.size);
    return true;
  }

  /** Whether the process, which takes one event at a time, may get one more of a client before it has ended the last. */
  mayPrefetch(client: string | undefined): boolean {
    if (this.state !== 'ready' || !this.#client.prefetch) return false;
    return this.#serial?.mayPrefetch(client, this.#wait.runMs) ?? false;
  }

  /**
   * Hands an event to the process.
   * @param settle   called with an answer, at the time-out, or when the process ends
   * @param giveBack called instead where the process has not begun with the event: it ended, or kept the event waiting for long
   */
  invoke(invocation: Invocation, settle: Settle, giveBack: () => void): void {
    const timeoutMs = this.#timeoutMs;
    invocation.traceId ??= untracedId(invocation.requestId);
    const one: InvocationInFlight = {
      number: 0,
      invocation,
      settle,
      giveBack,
      begun: 0,
      timer: undefined,
      stream: undefined,
    };
    one.number = this.#inFlight.add(one);
    const onOutcome = (outcome: InvocationOutcome) => {
      this.#hasLateAnswer ||= this.#isKilled;
      if (outcome.type === 'stream') this.#follow(one, outcome);
      else this.#release(one, outcome);
    };
    if (this.#serial?.add(one) ?? true) {
      this.#begin(one);
      this.#client.invoke(invocation, Date.now() + timeoutMs, onOutcome);
    } else {
      this.#isLogMixed = true;
      this.#client.prefetch?.(invocation, timeoutMs, onOutcome, () => this.#giveBack(one));
    }
    this.#wait.sent(this.#inFlight.size);
  }

  get #timeoutMs(): number {
    return this.configuration.timeout * 1000;
  }

  #begin(one: InvocationInFlight): void {
    one.begun = performance.now();
    this.invocations++;
    this.invokedAt = one.begun;
    one.timer = setTimeout(() => this.#timedOut(one), this.#timeoutMs);
  }

  /**
   * Takes no more events, and ends the process as soon as the invocations in flight are settled.
   * @returns a promise that resolves when the process is gone
   */
  end(): Promise<void> {
    this.#close();
    if (this.#inFlight.size === 0) this.#process.terminate();
    return this.exited;
  }

  /** Ends the process now. The invocations in flight fail. */
  kill(): void {
    this.#isKilled = true;
    this.#close();
    this.#process.kill();
  }

  /** A streamed answer occupies the environment, and its time limit runs, until the last byte. */
  #follow(one: InvocationInFlight, outcome: InvocationOutcome & { type: 'stream' }): void {
    if (!this.#inFlight.get(one.number)) return;
    one.stream = outcome.stream;
    // The stream may break before anybody reads it. The reader then finds it broken.
    outcome.stream.on('error', () => {});
    outcome.stream.once('close', () => this.#release(one, outcome));
    one.settle(outcome);
  }

  #release(one: InvocationInFlight, outcome: InvocationOutcome): void {
    if (!this.#remove(one)) return;
    if (one.stream) one.stream.destroy(outcome.type === 'failure' ? new BrokenStreamError(outcome.error) : undefined);
    else one.settle(outcome);
    if (this.hasRoom) this.#options.onRoom();
  }

  #giveBack(one: InvocationInFlight): void {
    if (!this.#remove(one)) return;
    this.#serial?.pause();
    one.giveBack();
  }

  /** @returns false where the invocation is over already */
  #remove(one: InvocationInFlight): boolean {
    if (!this.#inFlight.remove(one.number)) return false;
    clearTimeout(one.timer);
    if (this.#serial?.remove(one)) this.#proceed(one);
    if (this.#inFlight.size === 0) {
      this.idleSince = performance.now();
      if (this.state === 'ending') this.#process.terminate();
    }
    return true;
  }

  /** Lets the next event run after this one, in a process that takes one at a time. */
  #proceed(one: InvocationInFlight): void {
    this.lastRunMs = performance.now() - one.begun;
    const next = this.#isKilled || this.state === 'ended' ? undefined : this.#serial?.next();
    if (next) this.#begin(next);
    else this.#rest(one.invocation);
  }

  /**
   * Keeps the environment from taking the next event before everything that has arrived is read. Answer and log come on
   * different lines, so an answer may be read before the log that the handler wrote first.
   */
  #rest(invocation: Invocation): void {
    this.#last = invocation;
    this.resting = true;
    setImmediate(() => {
      this.resting = false;
      this.#isLogMixed = false;
      if (this.hasRoom) this.#options.onRoom();
    });
  }

  /** A time-out ends the environment, as on Lambda. The other invocations may finish, unless the event loop hangs. */
  async #timedOut(one: InvocationInFlight): Promise<void> {
    this.#close();
    const { timeout } = this.configuration;
    const errorMessage = `${one.invocation.requestId} Task timed out after ${timeout.toFixed(2)} seconds`;
    const error = { errorType: 'Sandbox.Timedout', errorMessage };
    const isAlone = this.#serial !== undefined || this.#inFlight.size === 1;
    if (isAlone || !(await this.#client.ping(pingGraceMs))) this.kill();
    this.#release(one, { type: 'failure', reason: 'timeout', error });
  }

  #becomeReady(): void {
    if (this.state !== 'starting') return;
    this.#endInitTimer();
    this.initMs = Math.round(performance.now() - this.#launchedAt);
    this.idleSince = performance.now();
    this.state = 'ready';
    this.#ready.resolve();
  }

  #initTimedOut(): void {
    const seconds = (this.#options.initTimeoutMs / 1000).toFixed(2);
    this.#initFailed({ errorType: 'Sandbox.Timedout', errorMessage: `INIT timed out after ${seconds} seconds` });
    this.kill();
  }

  #broken(error: FunctionError): void {
    this.#fault ??= error;
    this.#failInit(error);
    this.kill();
  }

  #initFailed(error: FunctionError): void {
    this.#failInit(error);
    this.#close();
    this.#process.terminate();
  }

  /** Must come before `closed` resolves, so that the pool knows of the failure when it thinks of a successor. */
  #failInit(error: FunctionError): void {
    // Without effect after a successful INIT.
    this.#ready.reject(error);
  }

  #close(): void {
    if (this.state === 'ending' || this.state === 'ended') return;
    this.state = 'ending';
    this.#endInitTimer();
    this.#closed.resolve();
  }

  #gone(how: string): void {
    if (this.state === 'ended') return;
    const error = this.#fault ?? { errorType: 'Runtime.ExitError', errorMessage: how };
    this.#failInit(error);
    this.#close();
    this.state = 'ended';
    const notBegun = this.#serial?.notBegun(this.#hasLateAnswer);
    for (const one of this.#inFlight.all()) {
      if (notBegun?.has(one)) this.#giveBack(one);
      else this.#release(one, { type: 'failure', reason: 'exit', error });
    }
    this.#client.close();
    this.#exited.resolve();
  }

  /** @returns the invocation that a log line without an id belongs to, where only one can have written it */
  #loggingInvocation(): Invocation | undefined {
    // From now on its lines tell by their time which invocation wrote them.
    if (this.state !== 'starting') this.#serial?.end();
    if (this.#inFlight.size > 1 || this.#isLogMixed) return undefined;
    const [one] = this.#inFlight.all();
    return one?.invocation ?? this.#last;
  }

  #traceIdOf(requestId: string): string | undefined {
    const known = [...this.#inFlight.all().map(({ invocation }) => invocation), this.#last];
    return traceIdOf(known.find((one) => one?.requestId === requestId)?.event);
  }
}

/** The client of a process that could not be started. */
const noClient: RuntimeClient = { invoke() {}, ping: async () => undefined, close() {} };
