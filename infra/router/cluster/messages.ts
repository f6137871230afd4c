/** What the supervisor and its router processes say to each other. To stop is a signal: it works before anybody listens. */
import type { RouterSnapshot } from '../control/snapshot.ts';
import type { Failure } from '../process/exit-code.ts';

export type FromRouter =
  | { type: 'listening'; port: number; functions: number }
  | { type: 'failed'; failure: Failure }
  /** Asks for the snapshots of all, as the answer to one question. */
  | { type: 'ask-all'; id: number }
  | { type: 'own-snapshot'; id: number; snapshot: RouterSnapshot };

export type FromSupervisor =
  | { type: 'reload' }
  | { type: 'ask-own'; id: number }
  | { type: 'snapshot-of-all'; id: number; snapshot: RouterSnapshot };
