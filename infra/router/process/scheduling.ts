import { execFile } from 'node:child_process';

/**
 * Has Linux schedule this process, and those that it starts from then on, as batch work (SCHED_BATCH, sched(7)): one that
 * wakes up does not interrupt one that runs, so that each does more at a time. Why that matters to many small processes is
 * told in infra/docs/decisions/017-batch-scheduling.md. Without chrt, a part of util-linux, all stays as it was.
 */
export function scheduleAsBatch(): Promise<void> {
  return new Promise((resolve) => {
    execFile('chrt', ['-b', '-p', '0', String(process.pid)], () => resolve());
  });
}
