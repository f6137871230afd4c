/** Reads CPU time and memory of processes from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports times to programs in ticks of 10 ms on every architecture that Node.js runs on. */
const ticksPerSecond = 100;

interface Stat {
  pid: number;
  parent: number;
  cpuSeconds: number;
  /** CPU time of children that have ended. */
  endedChildrenSeconds: number;
}

/** @returns undefined when the process is gone */
function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name is in parentheses and may itself contain spaces and parentheses.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
    return {
      pid,
      parent,
      cpuSeconds: (user + system) / ticksPerSecond,
      endedChildrenSeconds: (childUser + childSystem) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}

/** @returns the process and all its descendants */
function processTree(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
  const found = all.filter(({ pid }) => pid === root);
  for (const each of found) found.push(...all.filter(({ parent }) => parent === each.pid));
  return found;
}

/** @returns CPU seconds that a process and its descendants have used so far, including descendants that have ended */
export function cpuSeconds(root: number): number {
  return processTree(root).reduce((sum, stat) => sum + stat.cpuSeconds + stat.endedChildrenSeconds, 0);
}

/** @returns CPU seconds that one process has used, without its descendants; 0 when it is gone */
export function ownCpuSeconds(pid: number): number {
  return readStat(pid)?.cpuSeconds ?? 0;
}

/** @returns bytes that a process has read and written so far, including sockets and pipes */
export function transferredBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/io`, 'latin1');
  return ['rchar', 'wchar'].reduce((sum, name) => sum + Number(new RegExp(`${name}: (\\d+)`).exec(text)?.[1]), 0);
}

/** @returns the pids of a process and its descendants */
export function treePids(root: number): number[] {
  return processTree(root).map(({ pid }) => pid);
}

/** @returns the command and arguments that a process was started with */
export function commandOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

/** @returns the environment that a process was started with */
export function environmentOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').slice(0, -1);
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s, 2)));
}

/** @returns the pids of a router's functions, without the helpers of the router, such as the guard of process groups */
export function functionPids(router: number): number[] {
  return treePids(router).filter((pid) => functionNameOf(pid) !== undefined);
}

/**
 * @param router pid of a router
 * @returns the pid of one of the function's processes
 * @throws Error when the router runs none
 */
export function functionProcessPid(functionName: string, router: number): number {
  const pid = treePids(router).find((each) => functionNameOf(each) === functionName);
  if (pid === undefined) throw new Error(`${functionName} has no process`);
  return pid;
}

/** @returns undefined for a process that is no function's, or that has ended */
function functionNameOf(pid: number): string | undefined {
  try {
    return environmentOf(pid).AWS_LAMBDA_FUNCTION_NAME;
  } catch {
    return undefined;
  }
}

/** @returns proportional set size of a process and its descendants in MB (10^6 bytes); pages that they share count once */
export function memoryMegabytes(root: number): number {
  return treePids(root).reduce((sum, pid) => sum + pss(pid), 0);
}

function pss(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return (Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
