/** Runs the invocation of a request of the control API, and keeps the end of its log where the client wants it. */
import { performance } from 'node:perf_hooks';
import { log } from '../process/log.ts';
import { processUsage } from '../process/process-usage.ts';
import type { Pool } from '../runtime/pool.ts';
import { tooManyRequests } from './api-error.ts';
import type { InvocationRequest } from './invocation-request.ts';
import type { AdmittedOutcome } from './invoke-result.ts';
import type { LogTails } from './log-tail.ts';

/** An invocation that has an outcome; a streamed answer may still be under way. */
export interface RunInvocation {
  outcome: AdmittedOutcome;
  /** Ends the tail when the answer is complete. @returns the tail as base64; undefined when the client does not want it */
  finishLog(): Promise<string | undefined>;
  /** Forgets the tail when the client has left. */
  dropLog(): void;
}

/** @throws TooManyRequestsException when the function has no room */
export async function runInvocation(request: InvocationRequest, tails: LogTails): Promise<RunInvocation> {
  const { pool, invocation, wantsTail } = request;
  const { requestId } = invocation;
  const tail = wantsTail ? tails.open(requestId) : undefined;
  const begun = performance.now();
  const outcome = await pool.invoke(invocation);
  request.release();
  if (outcome.type === 'throttled') {
    tail?.drop();
    throw tooManyRequests(throttleReason(pool));
  }
  if (outcome.type === 'failure')
    log.error('Invocation failed', { requestId, reason: outcome.reason, ...outcome.error });
  return {
    outcome,
    finishLog: async () =>
      tail?.finish({
        duration: performance.now() - begun,
        memorySize: pool.configuration.memorySize,
        maxMemoryUsed: peakMemory(pool),
      }),
    dropLog: () => tail?.drop(),
  };
}

/** @returns whether the function's own limit was reached, or no environment had room in time */
function throttleReason({ inFlight, limits }: Pool) {
  return inFlight >= limits.reservedConcurrentExecutions
    ? 'ReservedFunctionConcurrentInvocationLimitExceeded'
    : 'ConcurrentInvocationLimitExceeded';
}

/** @returns the peak memory (MB) of the function's largest environment; the outcome does not say which one it used */
function peakMemory({ environments }: Pool): number | undefined {
  const peaks = [...environments].flatMap(({ pid }) => processUsage(pid)?.peakResidentBytes ?? []);
  return peaks.length > 0 ? Math.round(Math.max(...peaks) / 1024 ** 2) : undefined;
}
