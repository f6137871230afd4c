/** The collaborators and limits that an environment gets from its pool. */
import type { FunctionConfiguration } from '../manifest.ts';
import type { LaunchSpec } from './function-process.ts';
import type { WriteLog } from './process-log.ts';

/** Collaborators and limits of an environment. */
export interface EnvironmentOptions {
  /** Unique on the host. */
  id: string;
  configuration: FunctionConfiguration;
  launch: LaunchSpec;
  /** How long INIT may take (ms), without the time that the process waits for a processor. */
  initTimeoutMs: number;
  writeLog: WriteLog;
  /** Gets each line of the function's output; see ProcessLogOptions. */
  takeMetrics(line: string, functionName: string): boolean;
  /** Called when the environment can take an event again. */
  onRoom(): void;
}
