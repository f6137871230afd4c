/**
 * The queue for events of asynchronous invocations (X-Amz-Invocation-Type: Event). Retries are as on AWS: a function that
 * fails gets the event twice more, after one minute and after two more. A function without room gets it after pauses that
 * grow from a second to five minutes, for six hours.
 *
 * An event that is given up goes to the log with its function, its request id, the reason and the first 8,192 characters of
 * its payload. The reasons are the conditions that Lambda gives to dead-letter queues, and two of ours. The queue is in
 * memory: at SIGTERM the events that wait for a retry go to the log as undelivered, and a router that is killed loses them.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { log } from '../process/log.ts';
import type { FunctionError, Invocation, InvocationOutcome } from '../runtime/invocation.ts';
import { readInvokeResult } from './invoke-result.ts';

/** An event as the client sent it. */
export interface QueuedEvent {
  functionName: string;
  requestId: string;
  payload: Buffer;
  traceId?: string | undefined;
}

/** The part of a Pool that the queue uses. */
export interface EventTarget {
  configuration: { reservedConcurrentExecutions: number };
  invoke(invocation: Invocation): Promise<InvocationOutcome>;
}

/** The queue's limits, from the settings EVENT_RETRY_DELAY_MS, EVENT_MAX_AGE_MS, EVENT_QUEUE_BYTES and MAX_PAYLOAD_BYTES. */
export interface EventQueueOptions {
  /** Finds a function. It is called before each attempt, so that a reload takes effect. */
  find(functionName: string): EventTarget | undefined;
  /** Pause before the first retry of a function that failed (ms). The second pause is twice as long. */
  retryDelay: number;
  /** How long an event may wait in all (ms). */
  maxAge: number;
  /** Size of all events together, each with what the router needs to keep it (bytes). */
  maxBytes: number;
  /** Size of an answer (bytes). */
  maxPayloadBytes: number;
}

/** Why an event was given up. The last two are ours. */
type Condition =
  | 'RetriesExhausted'
  | 'EventAgeExceeded'
  | 'ZeroReservedConcurrency'
  | 'FunctionNotFound'
  | 'Undelivered';

interface Entry {
  event: QueuedEvent;
  /** Milliseconds since the epoch. */
  queuedAt: number;
  /** How often the function failed, and how often it had no room. */
  failures: number;
  throttles: number;
  lastError: FunctionError | undefined;
  /** Set while the event waits for a retry. */
  timer: NodeJS.Timeout | undefined;
}

/** Memory that the router needs to keep an event, beside its payload (bytes): 12,000 events of 4 bytes took 39 MB. */
const overheadBytes = 4096;

/** @returns how many bytes of the queue an event takes */
const sizeOf = ({ payload }: QueuedEvent) => payload.length + overheadBytes;

const maxRetries = 2;
const firstThrottleDelayMs = 1000;
const maxThrottleDelayMs = 300_000;
const maxLoggedCharacters = 8192;

/** Runs each event as soon as it arrives, and again after a failure. */
export class EventQueue {
  /** Events that the queue accepted since the router started. */
  received = 0;
  /** Events that the queue has given up since then. */
  dropped = 0;

  readonly #options: EventQueueOptions;
  readonly #entries = new Set<Entry>();
  #bytes = 0;
  #stopping = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  /** Events that run or wait for a retry. */
  get size(): number {
    return this.#entries.size;
  }

  /** Accepts an event and runs it at once. @returns false when the queue has no room for it, or stops */
  add(event: QueuedEvent): boolean {
    if (this.#stopping || this.#bytes + sizeOf(event) > this.#options.maxBytes) return false;
    const entry: Entry = {
      event,
      queuedAt: Date.now(),
      failures: 0,
      throttles: 0,
      lastError: undefined,
      timer: undefined,
    };
    this.received++;
    this.#bytes += sizeOf(event);
    this.#entries.add(entry);
    void this.#attempt(entry);
    return true;
  }

  /** Accepts no more events and gives up the waiting ones. Resolves when the running ones have ended. */
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
      this.#retry(entry, Math.min(maxThrottleDelayMs, firstThrottleDelayMs * 2 ** entry.throttles++));
      return;
    }
    const result = await readInvokeResult(outcome, requestId, this.#options.maxPayloadBytes);
    if (result.type === 'answer') return this.#forget(entry);
    entry.lastError = result.error;
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
      payload: text.slice(0, maxLoggedCharacters),
      ...(text.length > maxLoggedCharacters && { payloadBytes: payload.length }),
      errorType: entry.lastError?.errorType,
      errorMessage: entry.lastError?.errorMessage,
    });
    this.#forget(entry);
  }

  #forget(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#bytes -= sizeOf(entry.event);
    if (this.#entries.size === 0) this.#whenEmpty?.();
  }
}
