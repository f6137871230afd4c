/**
 * Ends whole process groups. Each function's process leads a group of its own, so what its handler starts ends with it, and
 * all groups end with the router, however the router ends.
 * @see infra/docs/decisions/027-processes-end.md
 */
import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Keeps the last line of its input, the living groups. The input ends with the router's process, and the program then kills
 * the groups. `kill` is the shell's own: slim images have no such program. A function can't do this itself while its handler
 * computes, and aws-lambda-ric does not do it at all.
 */
const guardScript =
  'while read -r line; do groups=$line; done; [ -z "$groups" ] || kill -s KILL -- $groups 2>/dev/null';

/** The groups of this process's children, each by its leader's process id. */
const groups = new Set<number>();
let guard: ChildProcess | undefined;

/** Has the guard end the group of a process that was just started, should the router's process end before it. */
export function guardGroup(leader: number): void {
  groups.add(leader);
  tellGuard();
}

/**
 * Sends a signal to a process that still runs, and to all that it started.
 * @param leader the process's id
 */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended already.
  }
}

/** Ends the rest of the group of a process that has just ended. */
export function endGroup(leader: number): void {
  signalGroup(leader, 'SIGKILL');
  groups.delete(leader);
  tellGuard();
}

/** Without a shell there is no guard, and a handler that computes may outlive a router that was killed. */
function tellGuard(): void {
  guard ??= startGuard();
  guard.stdin?.write(`${[...groups].map((leader) => -leader).join(' ')}\n`);
}

function startGuard(): ChildProcess {
  // A group of its own keeps it alive when a signal ends the router's whole group.
  const child = spawn('/bin/sh', ['-c', guardScript], { stdio: ['pipe', 'ignore', 'ignore'], env: {}, detached: true });
  child.on('error', () => {});
  child.on('exit', () => {
    guard = undefined;
  });
  child.stdin.on('error', () => {});
  // Neither keeps the router's process running.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
