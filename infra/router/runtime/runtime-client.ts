/** The router's end of the line to a function process. There is one implementation for each runtime client. */
import type { ProcessWork } from '../../wire/work.ts';
import type { FunctionError, Invocation, Settle } from './invocation.ts';

/** The events that a runtime client reports to its environment. */
export interface RuntimeClientEvents {
  /** INIT has succeeded: the process takes events. */
  ready(): void;
  /** INIT has failed, because the handler did not load. */
  initError(error: FunctionError): void;
  /** The process sent something that breaks the protocol. It can't be used any more. */
  broken(error: FunctionError): void;
}

/**
 * Sends events to one process and receives its answers: over the framed channel, or over the Lambda Runtime API. It settles
 * an invocation at most once. The environment settles the invocations that it does not settle.
 */
export interface RuntimeClient {
  /** @param deadlineMs when the invocation's time-out ends (ms since the epoch) */
  invoke(invocation: Invocation, deadlineMs: number, settle: Settle): void;
  /**
   * Sends an event that waits in the process until the ones before it have ended. Undefined where a process can't keep one.
   * @param timeoutMs the invocation's time-out (ms), from its begin
   * @param giveBack  called when the process does not keep the event, with which it has not begun
   */
  prefetch?(invocation: Invocation, timeoutMs: number, settle: Settle, giveBack: () => void): void;
  /**
   * Asks whether the process's event loop still turns, and what it has worked.
   * @param maxWaitMs how long the answer may take
   * @returns undefined without an answer; no work from a client that has no way to ask
   */
  ping(maxWaitMs: number): Promise<ProcessWork | undefined>;
  /** Breaks off streamed answers and forgets every invocation. */
  close(): void;
}
