/** Runs the invocation of a request, and follows its log where the client asks for it. */
import { performance } from 'node:perf_hooks';
import { log } from '../process/log.ts';
import type { Pool } from '../runtime/pool.ts';
import { tooManyRequests } from './api-error.ts';
import type { InvocationRequest } from './invocation-request.ts';
import type { AdmittedOutcome } from './invoke-result.ts';
import type { LogTails } from './log-tail.ts';
import { processUsage } from './process-usage.ts';

export interface Running {
  outcome: AdmittedOutcome;
  /** To be called when the answer is over. @returns the tail of the log as base64; undefined when nobody asked */
  finishLog(): Promise<string | undefined>;
  /** Forgets the log, when the client has gone. */
  dropLog(): void;
}

/** @throws TooManyRequestsException */
export async function runInvocation(request: InvocationRequest, tails: LogTails): Promise<Running> {
  const { pool, invocation, wantsTail } = request;
  const { requestId } = invocation;
  const tail = wantsTail ? tails.open(requestId) : undefined;
  const begun = performance.now();
  const outcome = await pool.invoke(invocation);
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

/** Either the function's own limit, or no environment came free in time. */
export function throttleReason({ inFlight, limits }: Pool) {
  return inFlight >= limits.reservedConcurrentExecutions
    ? 'ReservedFunctionConcurrentInvocationLimitExceeded'
    : 'ConcurrentInvocationLimitExceeded';
}

/** MB of the largest environment that the function has: which one an invocation ran in is not told. */
function peakMemory({ environments }: Pool): number | undefined {
  const peaks = [...environments].flatMap(({ pid }) => processUsage(pid)?.peakResidentBytes ?? []);
  return peaks.length > 0 ? Math.round(Math.max(...peaks) / 1024 ** 2) : undefined;
}
