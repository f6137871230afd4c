/** The faults of the machine that a run injects: its disk, its file descriptors, its clock, its files. Linux only. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Fault, fileOf } from './faults.ts';
import { HttpClient, NoResponse } from './http.ts';
import type { System } from './system.ts';

/**
 * Sets the soft limit of a resource of a running process. The hard limit stays, so that no privilege is needed.
 * @param resource as prlimit names it, such as `nofile`
 */
function limit(pid: number, resource: string, soft: string): void {
  try {
    execFileSync('prlimit', ['--pid', String(pid), `--${resource}=${soft}:`], { stdio: 'pipe' });
  } catch (error) {
    // A process that has ended by itself in the meantime needs no limit.
    if (existsSync(`/proc/${pid}`)) throw error;
  }
}

function limitOf(pid: number, resource: string): string {
  return execFileSync('prlimit', ['--pid', String(pid), `--${resource}`, '--noheadings', '-o', 'SOFT'])
    .toString()
    .trim();
}

/** The routers come first: processes that they start afterwards have their limits. */
async function everyProcess(system: System): Promise<number[]> {
  return [...system.routers, ...(await system.processes())].map(({ pid }) => pid);
}

/** Opens connections, which a router without free file descriptors can't accept. */
async function askOnNewConnections(system: System): Promise<void> {
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      const http = new HttpClient(system.urls);
      await http.send('GET', '/users/1', {}).catch((error) => {
        if (!(error instanceof NoResponse)) throw error;
      });
      http.close();
    }),
  );
}

/** Takes away the machine's resources for a moment. */
export const machineFaults = {
  // To SQLite this is the error of a full disk or a quota: no process can write to a file, and reads go on.
  'no file can be written': async (system, random, pause) => {
    for (const pid of await everyProcess(system)) limit(pid, 'fsize', '0');
    await pause(random.pick([300, 1000, 2000]));
    for (const pid of await everyProcess(system)) limit(pid, 'fsize', 'unlimited');
  },
  'file descriptors exhausted': async (system, random, pause) => {
    const { pid } = random.pick(system.routers);
    const usual = limitOf(pid, 'nofile');
    limit(pid, 'nofile', String(readdirSync(`/proc/${pid}/fd`).length));
    const asked = askOnNewConnections(system);
    await pause(random.pick([300, 1000, 2000]));
    limit(pid, 'nofile', usual);
    await asked;
  },
  'clock jumps': async (system, random, pause) => {
    const seconds = random.pick([1, 5, 60, 3600, 86_400]);
    system.shiftClock((random.chance(0.5) ? seconds : -seconds) * 1000);
    await pause(random.integer(500, 3000));
    system.shiftClock(0);
  },
  'database moved away': async (system, random, pause) => {
    const { failures } = system;
    const databaseFile = fileOf(system);
    const folder = dirname(databaseFile);
    renameSync(folder, `${folder}-away`);
    await pause(random.integer(300, 2000));
    // A database that a function created in its place would have taken writes that are lost now.
    if (existsSync(databaseFile))
      failures.push('a function created a new database in place of the one that was moved away');
    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder}-away`, folder);
  },
} satisfies Record<string, Fault>;
