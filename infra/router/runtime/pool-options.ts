/** The collaborators and limits that a pool of environments gets from the router. */
import type { FunctionConfiguration } from '../manifest.ts';
import type { FunctionMetrics } from './function-metrics.ts';
import type { LaunchSpec } from './function-process.ts';
import type { WriteLog } from './process-log.ts';
import type { WorkerIndex } from './share.ts';

/** Collaborators and limits of a pool. */
export interface PoolOptions {
  launch(configuration: FunctionConfiguration): LaunchSpec;
  /** How long INIT may take (ms). */
  initTimeoutMs: number;
  /** How long an environment above provisionedConcurrency may be idle before it ends (ms). */
  idleTimeoutMs: number;
  /** Limit of the environments of this function. Invocations above it wait. */
  maxEnvironments: number;
  /** Whether an environment starts only when the process of the one before is gone, as the port of an inspector requires. */
  hasOneProcess?: boolean;
  /** How long an invocation may probably wait for its turn (ms); beyond it the newest is refused. Endless if left out. */
  maxWaitMs?: number;
  /** The part of reservedConcurrentExecutions that the running invocations of one client leave to others; 0 if left out. */
  othersShare?: number;
  /** Which router process this is, where there are several: each has a share of the function's limits. */
  worker?: WorkerIndex;
  /** Metrics of all functions of this router process. */
  metrics: FunctionMetrics;
  writeLog: WriteLog;
}
