/** Sets the scheduling policy of the router and of the processes that it starts. */
import { execFile } from 'node:child_process';

/**
 * Asks Linux for the policy SCHED_BATCH. A process that wakes up then does not interrupt one that runs, so that each process
 * does more work at a time. Processes that are started later inherit the policy. Without chrt, a part of util-linux, or
 * without the permission, nothing changes.
 * @see https://man7.org/linux/man-pages/man7/sched.7.html
 * @see infra/docs/decisions/017-batch-scheduling.md
 */
export function scheduleAsBatch(): Promise<void> {
  return new Promise((resolve) => {
    execFile('chrt', ['-b', '-p', '0', String(process.pid)], () => resolve());
  });
}
