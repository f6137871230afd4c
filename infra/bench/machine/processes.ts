/** What processes use, read from /proc: CPU and memory of a process and of everything it started. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second: fixed at 100 for user space on every Linux architecture that Node runs on. */
const ticksPerSecond = 100;

interface Stat {
  pid: number;
  parent: number;
  /** Seconds. */
  cpu: number;
  /** Seconds of children that have ended and were waited for. */
  endedChildren: number;
}

/** @returns undefined when the process is gone */
function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, spaces and parentheses too.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
    return {
      pid,
      parent,
      cpu: (user + system) / ticksPerSecond,
      endedChildren: (childUser + childSystem) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}

/** @returns the process and all its descendants */
function tree(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
  const found = all.filter(({ pid }) => pid === root);
  for (const each of found) found.push(...all.filter(({ parent }) => parent === each.pid));
  return found;
}

/** CPU seconds that processes and their descendants have used up to now, those that have ended among them. */
export function cpuSeconds(...roots: number[]): number {
  return roots.flatMap(tree).reduce((sum, { cpu, endedChildren }) => sum + cpu + endedChildren, 0);
}

/** CPU seconds of one process alone. */
export function ownCpuSeconds(pid: number): number {
  return readStat(pid)?.cpu ?? 0;
}

/** Bytes that a process has read and written through system calls, sockets and pipes included. */
export function transferredBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/io`, 'latin1');
  return ['rchar', 'wchar'].reduce((sum, name) => sum + Number(new RegExp(`${name}: (\\d+)`).exec(text)?.[1]), 0);
}

/** @returns pids of a process and its descendants */
export function pidsOf(root: number): number[] {
  return tree(root).map(({ pid }) => pid);
}

/** @returns command and arguments that a process was started with */
export function commandOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

/** @returns the environment that a process was started with */
export function environmentOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').slice(0, -1);
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s, 2)));
}

/**
 * @returns pid of a process of a function
 * @throws Error when the router has none
 */
export function processOf(functionName: string, router: number): number {
  const pid = pidsOf(router).find((each) => environmentOf(each).AWS_LAMBDA_FUNCTION_NAME === functionName);
  if (pid === undefined) throw new Error(`${functionName} has no process`);
  return pid;
}

/** Proportional set size of a process and its descendants: pages they share count once. Megabytes (10^6 bytes). */
export function memoryMegabytes(root: number): number {
  return pidsOf(root).reduce((sum, pid) => sum + pss(pid), 0);
}

function pss(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return (Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
