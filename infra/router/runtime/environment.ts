/** An execution environment: one process of one function, from its start to its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import type { FunctionConfiguration } from '../manifest.ts';
import type { ClientEvents, RuntimeClient } from './client.ts';
import { BrokenStreamError, type FunctionError, type Invocation, type Outcome, type Settle } from './invocation.ts';
import { Register } from './invocation-table.ts';
import { followOutput } from './process-log.ts';

export type State = 'starting' | 'ready' | 'ending' | 'ended';

/** How a process is started and spoken to; there is one launcher a runtime. */
export interface Launch {
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
  /** Events that the process takes at once. */
  maxConcurrency: number;
  /** Opens the line to the process. `socket` is the router's end of its file descriptor 3. */
  connect(socket: Duplex, events: ClientEvents): RuntimeClient;
}

export interface EnvironmentOptions {
  id: string;
  configuration: FunctionConfiguration;
  launch: Launch;
  /** Milliseconds. */
  initTimeout: number;
  writeLog(line: string, requestId: string | undefined): void;
  /** There is room for an event again. */
  onRoom(): void;
}

interface InHand {
  number: number;
  invocation: Invocation;
  settle: Settle;
  timer: NodeJS.Timeout;
  stream: Readable | undefined;
}

/** Milliseconds that a process gets to end by itself after SIGTERM, and to answer a ping after a time-out. */
const killGrace = 2000;
const pingGrace = 500;
/** Milliseconds that what a process wrote last may come after the news of its exit. */
const drainGrace = 250;

export class Environment {
  readonly id: string;
  readonly configuration: FunctionConfiguration;
  readonly maxConcurrency: number;
  readonly startedAt = Date.now();
  state: State = 'starting';
  /** About to have room: what the last invocation wrote may not be read yet. */
  resting = false;
  invocations = 0;
  idleSince = Date.now();
  initMs = 0;

  /** INIT succeeded; rejects with a FunctionError when it did not. */
  readonly ready: Promise<void>;
  /** The environment takes no more events; those in hand may still finish. */
  readonly closed: Promise<void>;
  /** The process is gone. */
  readonly exited: Promise<void>;

  readonly #options: EnvironmentOptions;
  /** Undefined when the system could not start one. */
  readonly #process: ChildProcess | undefined;
  readonly #client: RuntimeClient;
  readonly #inHand = new Register<InHand>();
  #lastRequestId: string | undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #initTimer: NodeJS.Timeout;
  /** Why the process is being ended, where that says more than how it ended. */
  #fault: FunctionError | undefined;

  constructor(options: EnvironmentOptions) {
    this.id = options.id;
    this.configuration = options.configuration;
    this.maxConcurrency = options.launch.maxConcurrency;
    this.#options = options;
    this.ready = this.#ready.promise;
    this.closed = this.#closed.promise;
    this.exited = this.#exited.promise;
    const { command, connect } = options.launch;
    const child = start(options.launch, ({ message }) => this.#gone(`${command} could not be started: ${message}`));
    this.#process = child;
    const log = {
      functionName: this.configuration.name,
      requestId: () => this.#writer(),
      write: options.writeLog,
    };
    if (child?.stdout) followOutput(child.stdout, 'INFO', log);
    if (child?.stderr) followOutput(child.stderr, 'ERROR', log);
    // There are no streams when the system has no file descriptors left.
    const socket = child?.stdio?.[3];
    this.#client = socket
      ? connect(socket as Duplex, {
          ready: () => this.#becomeReady(),
          initError: (error) => this.#initFailed(error),
          broken: (error) => this.#broken(error),
        })
      : nobody;
    this.#initTimer = setTimeout(() => this.#initTimedOut(), options.initTimeout);
    child?.once('exit', (code, signal) => this.#exit(exitMessage(code, signal)));
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get inFlight(): number {
    return this.#inHand.size;
  }

  get hasRoom(): boolean {
    return this.state === 'ready' && this.#inHand.size < this.maxConcurrency && !this.resting;
  }

  /** Hands an event to the process. It is settled in any case: by an answer, at the time-out, or when the process ends. */
  invoke(invocation: Invocation, settle: Settle): void {
    const milliseconds = this.configuration.timeout * 1000;
    const inHand: InHand = {
      number: 0,
      invocation,
      settle,
      timer: setTimeout(() => this.#timedOut(inHand), milliseconds),
      stream: undefined,
    };
    inHand.number = this.#inHand.add(inHand);
    this.invocations++;
    this.#client.invoke(invocation, Date.now() + milliseconds, (outcome) => {
      if (outcome.type === 'stream') this.#follow(inHand, outcome);
      else this.#release(inHand, outcome);
    });
  }

  /** Takes no more events; ends when those in hand are settled. Resolves when the process is gone. */
  end(): Promise<void> {
    this.#close();
    if (this.#inHand.size === 0) this.#terminate();
    return this.exited;
  }

  /** Ends the process now; what it has in hand fails. */
  kill(): void {
    this.#close();
    this.#process?.kill('SIGKILL');
  }

  /** A stream is in hand until its last byte, and so is its time limit. */
  #follow(inHand: InHand, outcome: Outcome & { type: 'stream' }): void {
    if (!this.#inHand.get(inHand.number)) return;
    inHand.stream = outcome.stream;
    // It may break before its reader has come, who finds it broken then.
    outcome.stream.on('error', () => {});
    outcome.stream.once('close', () => this.#release(inHand, outcome));
    inHand.settle(outcome);
  }

  #release(inHand: InHand, outcome: Outcome): void {
    if (!this.#inHand.remove(inHand.number)) return;
    clearTimeout(inHand.timer);
    if (this.maxConcurrency === 1) this.#rest(inHand.invocation.requestId);
    if (inHand.stream)
      inHand.stream.destroy(outcome.type === 'failure' ? new BrokenStreamError(outcome.error) : undefined);
    else inHand.settle(outcome);
    if (this.#inHand.size === 0) this.idleSince = Date.now();
    if (this.hasRoom) this.#options.onRoom();
    else if (this.state === 'ending' && this.#inHand.size === 0) this.#terminate();
  }

  /**
   * Answer and log come on different lines, so that an answer may be read before the last that was written. All that has
   * arrived is read within this turn of the event loop; until then the log is that of the invocation which ended.
   */
  #rest(requestId: string): void {
    this.#lastRequestId = requestId;
    this.resting = true;
    setImmediate(() => {
      this.resting = false;
      if (this.hasRoom) this.#options.onRoom();
    });
  }

  /** As on Lambda a time-out costs the environment; the others in hand finish, unless the event loop hangs. */
  async #timedOut(inHand: InHand): Promise<void> {
    this.#close();
    const { timeout } = this.configuration;
    const errorMessage = `${inHand.invocation.requestId} Task timed out after ${timeout.toFixed(2)} seconds`;
    const error = { errorType: 'Sandbox.Timedout', errorMessage };
    const hangs = this.#inHand.size === 1 || !(await this.#client.responds(pingGrace));
    this.#release(inHand, { type: 'failure', reason: 'timeout', error });
    if (hangs) this.kill();
  }

  #becomeReady(): void {
    if (this.state !== 'starting') return;
    clearTimeout(this.#initTimer);
    this.initMs = Date.now() - this.startedAt;
    this.idleSince = Date.now();
    this.state = 'ready';
    this.#ready.resolve();
  }

  #initTimedOut(): void {
    const seconds = (this.#options.initTimeout / 1000).toFixed(2);
    this.#initFailed({ errorType: 'Sandbox.Timedout', errorMessage: `INIT timed out after ${seconds} seconds` });
    this.kill();
  }

  #broken(error: FunctionError): void {
    this.#fault ??= error;
    // Of no effect once INIT is over; before `closed`, so that its failure is known when a successor is thought of.
    this.#ready.reject(error);
    this.kill();
  }

  #initFailed(error: FunctionError): void {
    this.#ready.reject(error);
    this.#close();
    this.#terminate();
  }

  #close(): void {
    if (this.state === 'ending' || this.state === 'ended') return;
    this.state = 'ending';
    clearTimeout(this.#initTimer);
    this.#closed.resolve();
  }

  #terminate(): void {
    this.#process?.kill('SIGTERM');
    setTimeout(() => this.#process?.kill('SIGKILL'), killGrace).unref();
  }

  /** An answer that the process gave before it ended counts, so its line is read to the end. */
  #exit(how: string): void {
    if (this.state === 'ready') this.#close();
    const gone = () => {
      clearTimeout(timer);
      this.#gone(how);
    };
    const timer = setTimeout(gone, drainGrace);
    this.#process?.once('close', gone);
  }

  #gone(how: string): void {
    if (this.state === 'ended') return;
    const error = this.#fault ?? { errorType: 'Runtime.ExitError', errorMessage: how };
    // Of no effect once INIT is over; before `closed`, so that its failure is known when a successor is thought of.
    this.#ready.reject(error);
    this.#close();
    this.state = 'ended';
    for (const inHand of this.#inHand.all()) this.#release(inHand, { type: 'failure', reason: 'exit', error });
    this.#client.close();
    this.#exited.resolve();
  }

  /** The id of the invocation that writes to the log, where only one can be it. */
  #writer(): string | undefined {
    if (this.#inHand.size > 1) return undefined;
    const [inHand] = this.#inHand.all();
    return inHand?.invocation.requestId ?? this.#lastRequestId;
  }
}

/** The line to a process that is not there. */
const nobody: RuntimeClient = { invoke() {}, responds: async () => false, close() {} };

/** @param failed called later when there is no process: no such command, too many files, too little memory */
function start({ command, args, env }: Launch, failed: (error: Error) => void): ChildProcess | undefined {
  try {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    child.on('error', (error) => child.pid === undefined && failed(error));
    return child;
  } catch (error) {
    process.nextTick(failed, error);
    return undefined;
  }
}

/** How a process ended, in Lambda's words. */
function exitMessage(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
