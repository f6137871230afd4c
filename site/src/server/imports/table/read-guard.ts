/**
 * Ends the process that reads a table when its memory or its time on the processor exceeds the limit. V8 bounds its heap alone, and
 * buffers are outside of it. This runs in a thread of its own, because the parsers keep the main thread busy.
 */
import { workerData } from 'node:worker_threads';

/** The limits of the process. */
export interface ReadBounds {
  /** The resident memory in bytes. */
  maxBytes: number;
  /** The time of all threads on the processor, in ms. */
  maxCpuMs: number;
}

const intervalMs = 10;
const { maxBytes, maxCpuMs } = workerData as ReadBounds;

setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) process.kill(process.pid, 'SIGKILL');
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1_000 > maxCpuMs) process.kill(process.pid, 'SIGXCPU');
}, intervalMs);
