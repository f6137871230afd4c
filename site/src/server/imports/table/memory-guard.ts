/**
 * Ends the process that reads a table when its memory exceeds the limit. V8 bounds its heap alone, and buffers are outside of
 * it. This runs in a thread of its own, because the parsers keep the main thread busy.
 */
import { workerData } from 'node:worker_threads';

const intervalMs = 10;

setInterval(() => {
  if (process.memoryUsage.rss() > (workerData as number)) process.kill(process.pid, 'SIGKILL');
}, intervalMs);
