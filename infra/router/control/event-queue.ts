/**
 * Events of asynchronous invocations (X-Amz-Invocation-Type: Event), and their retries as on AWS: a function that fails
 * is tried twice again, after one minute and after two more; one that has no room, after pauses that grow from a second to
 * five minutes, for six hours. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 * An event that is given up is written to the log whole, up to 8 KB, with its function, its request id and why; the
 * conditions are those that Lambda names to dead-letter queues, and two of ours. The queue is in memory: at SIGTERM what
 * waits for another attempt is written to the log in the same way, as undelivered, and a router that is killed loses it.
 */
import { log } from '../process/log.ts';
import type { FunctionError, Invocation, Outcome } from '../runtime/invocation.ts';
import { readInvokeResult } from './invoke-result.ts';

export interface QueuedEvent {
  functionName: string;
  requestId: string;
  payload: Buffer;
  traceId?: string | undefined;
}

/** What the queue needs of a Pool. */
export interface Target {
  configuration: { reservedConcurrentExecutions: number };
  invoke(invocation: Invocation): Promise<Outcome>;
}

export interface EventQueueOptions {
  /** Asked before each attempt, so that a reload takes effect. */
  find(functionName: string): Target | undefined;
  /** Milliseconds before the first retry; the second waits twice as long. */
  retryDelay: number;
  /** Milliseconds that an event may wait in all. */
  maxAge: number;
  /** Bytes of all payloads together. */
  maxBytes: number;
  /** Bytes of an answer. */
  maxPayloadBytes: number;
}

type Condition =
  | 'RetriesExhausted'
  | 'EventAgeExceeded'
  | 'ZeroReservedConcurrency'
  | 'FunctionNotFound'
  | 'Undelivered';

interface Entry {
  event: QueuedEvent;
  queuedAt: number;
  /** Attempts that the function failed, and those that it had no room for. */
  failures: number;
  throttles: number;
  lastError: FunctionError | undefined;
  /** Set while it waits for another attempt. */
  timer: NodeJS.Timeout | undefined;
}

const maxRetries = 2;
const firstThrottleDelay = 1000;
const maxThrottleDelay = 300_000;
/** Characters of a payload that go to the log. */
const loggedPayload = 8192;

export class EventQueue {
  /** Events that were taken, and those that were given up, since the router started. */
  received = 0;
  dropped = 0;

  readonly #options: EventQueueOptions;
  readonly #entries = new Set<Entry>();
  #bytes = 0;
  #stopping = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  /** Events that are being run or wait for another attempt. */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes an event and runs it at once. @returns false when there is no room for it */
  add(event: QueuedEvent): boolean {
    if (this.#stopping || this.#bytes + event.payload.length > this.#options.maxBytes) return false;
    const entry: Entry = {
      event,
      queuedAt: Date.now(),
      failures: 0,
      throttles: 0,
      lastError: undefined,
      timer: undefined,
    };
    this.received++;
    this.#bytes += event.payload.length;
    this.#entries.add(entry);
    void this.#attempt(entry);
    return true;
  }

  /** Takes no more events and gives up those that wait. Resolves when those that are being run have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const entry of this.#entries) if (entry.timer) this.#giveUp(entry, 'Undelivered');
    if (this.#entries.size === 0) return;
    const empty = Promise.withResolvers<void>();
    this.#whenEmpty = empty.resolve;
    await empty.promise;
  }

  async #attempt(entry: Entry): Promise<void> {
    entry.timer = undefined;
    const { functionName, requestId, payload, traceId } = entry.event;
    const target = this.#options.find(functionName);
    if (!target) return this.#giveUp(entry, 'FunctionNotFound');
    if (target.configuration.reservedConcurrentExecutions === 0) {
      return this.#giveUp(entry, 'ZeroReservedConcurrency');
    }
    const outcome = await target.invoke({ requestId, payload, ...(traceId && { traceId }) });
    if (outcome.type === 'throttled') {
      entry.lastError = { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' };
      this.#retry(entry, Math.min(maxThrottleDelay, firstThrottleDelay * 2 ** entry.throttles++));
      return;
    }
    const answer = await readInvokeResult(outcome, requestId, this.#options.maxPayloadBytes);
    if (answer.type === 'answer') return this.#forget(entry);
    entry.lastError = answer.error;
    if (++entry.failures > maxRetries) this.#giveUp(entry, 'RetriesExhausted');
    else this.#retry(entry, this.#options.retryDelay * entry.failures);
  }

  #retry(entry: Entry, delay: number): void {
    if (this.#stopping) this.#giveUp(entry, 'Undelivered');
    else if (Date.now() + delay - entry.queuedAt > this.#options.maxAge) this.#giveUp(entry, 'EventAgeExceeded');
    else entry.timer = setTimeout(() => void this.#attempt(entry), delay);
  }

  #giveUp(entry: Entry, condition: Condition): void {
    clearTimeout(entry.timer);
    this.dropped++;
    const { functionName, requestId, payload } = entry.event;
    const text = payload.toString();
    log.error('Event is dead', {
      function: functionName,
      requestId,
      condition,
      attempts: entry.failures + entry.throttles,
      payload: text.slice(0, loggedPayload),
      ...(text.length > loggedPayload && { payloadBytes: payload.length }),
      errorType: entry.lastError?.errorType,
      errorMessage: entry.lastError?.errorMessage,
    });
    this.#forget(entry);
  }

  #forget(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#bytes -= entry.event.payload.length;
    if (this.#entries.size === 0) this.#whenEmpty?.();
  }
}
