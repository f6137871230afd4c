import type { FunctionError, Invocation, Settle } from './invocation.ts';

/** What an environment learns from its runtime client. */
export interface ClientEvents {
  /** INIT is over: events can be sent. */
  ready(): void;
  /** The handler could not be loaded. */
  initError(error: FunctionError): void;
  /** What the process sends can't be understood: it is of no more use. */
  broken(error: FunctionError): void;
}

/**
 * The router's end of the line to a function process: framed channel or Lambda Runtime API.
 * It settles every invocation at most once; those it never settles are the environment's to settle.
 */
export interface RuntimeClient {
  /** Sends an event. `deadline` is in milliseconds since the epoch. */
  invoke(invocation: Invocation, deadline: number, settle: Settle): void;
  /** True when the process's event loop answers within so many milliseconds; a client that can't tell says true. */
  responds(milliseconds: number): Promise<boolean>;
  /** Breaks off what is being streamed and forgets the rest. */
  close(): void;
}
