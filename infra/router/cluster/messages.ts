/**
 * Messages between the supervisor and its router processes. To stop a process is not a message but a signal, which works
 * before anybody listens.
 */

import type { Failure } from '../process/exit-code.ts';
import type { RouterSnapshot } from '../status/snapshot.ts';

/** Messages from a router process to the supervisor. */
export type WorkerMessage =
  | { type: 'listening'; port: number; functions: number }
  | { type: 'failed'; failure: Failure }
  /** Requests the merged snapshot of all processes. */
  | { type: 'request-cluster-snapshot'; id: number }
  /** Answers `request-snapshot`. */
  | { type: 'snapshot'; id: number; snapshot: RouterSnapshot };

/** Messages from the supervisor to a router process. */
export type SupervisorMessage =
  | { type: 'reload' }
  | { type: 'request-snapshot'; id: number }
  /** Answers `request-cluster-snapshot`. */
  | { type: 'cluster-snapshot'; id: number; snapshot: RouterSnapshot };
