/** Reads the CPU time and the memory of a process from Linux's /proc. */
import { readFileSync } from 'node:fs';

/** CPU time and memory of a process. */
export interface ProcessUsage {
  cpuSeconds: number;
  residentBytes: number;
  peakResidentBytes: number;
}

/** Linux reports CPU time in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/** @returns undefined where there is no /proc, or no such process */
export function processUsage(pid: number | undefined): ProcessUsage | undefined {
  if (pid === undefined) return undefined;
  try {
    return parseUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param stat   contents of /proc/PID/stat
 * @param status contents of /proc/PID/status
 * @returns undefined for a process that has ended and waits to be reaped, since it has no memory
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function parseUsage(stat: string, status: string): ProcessUsage | undefined {
  // The second field is the command, which may contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  const usage = {
    cpuSeconds: (user + system) / ticksPerSecond,
    residentBytes: kilobytes('VmRSS') * 1024,
    peakResidentBytes: kilobytes('VmHWM') * 1024,
  };
  return Object.values(usage).every(Number.isFinite) ? usage : undefined;
}
