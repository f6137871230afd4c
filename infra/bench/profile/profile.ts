/** Profiles the router and the function's process while one workload runs. */
import { cadastro } from '../contenders/cadastro.ts';
import { load } from '../load/load.ts';
import { functionProcessPid, ownCpuSeconds } from '../machine/processes.ts';
import { createUsers } from '../users.ts';
import type { Workload } from '../workloads.ts';
import { profileWhile } from './inspector.ts';
import { type ProfileSummary, summarize } from './summary.ts';

/** The profile of one process. */
export interface Profiled {
  /** `router`, or the function's name. */
  process: string;
  /** CPU time per request, including that of the profiler. */
  cpuMicroseconds: number;
  summary: ProfileSummary;
}

/** The function that answers most requests of a workload. */
const functionOfWorkload: Record<string, string> = {
  'get-user': 'get-user',
  'list-users': 'list-users',
  health: 'health',
  'create-user': 'create-user',
  mixed: 'get-user',
};

/** Starts cadastro, profiles the router and then the function, and stops it. */
export async function profile(
  workload: Pick<Workload, 'name' | 'requests' | 'userCount'>,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Profiled[]> {
  const { requests, userCount, name } = workload;
  const running = await cadastro.start();
  try {
    const { url, pid } = running;
    await createUsers(url, userCount);
    await load({ url, requests, connections, seconds: 3 });
    const functionName = functionOfWorkload[name] ?? name;
    const environment = functionProcessPid(functionName, pid);
    const profiled: Profiled[] = [];
    for (const [process, id] of [
      ['router', pid],
      [functionName, environment],
    ] as const) {
      let cpuMicroseconds = 0;
      const taken = await profileWhile(id, async () => {
        const begun = ownCpuSeconds(id);
        const result = await load({ url, requests, connections, seconds });
        cpuMicroseconds = ((ownCpuSeconds(id) - begun) / result.requestCount) * 1e6;
      });
      profiled.push({ process, cpuMicroseconds, summary: summarize(taken) });
    }
    return profiled;
  } finally {
    await running.stop();
  }
}

const maxLines = 30;

/**
 * @param title of the workload
 * @returns ranked lists of costs in µs of CPU time per request
 */
export function profileText(title: string, profiled: readonly Profiled[]): string {
  const lines = (costs: ProfileSummary['functions'], cpu: number) =>
    costs
      .slice(0, maxLines)
      .map(
        ({ place, share }) =>
          `${(share * cpu).toFixed(2).padStart(7)} µs ${(share * 100).toFixed(1).padStart(5)} %  ${place}`,
      );
  const parts = profiled.map(({ process, cpuMicroseconds, summary }) =>
    [
      `${title}: ${process}, busy ${(summary.busy * 100).toFixed(0)} % of the time, ${cpuMicroseconds.toFixed(0)} µs of CPU time per request`,
      'By file or package; time in Node.js and system calls counts for the code that called them:',
      ...lines(summary.areas, cpuMicroseconds),
      'By function, counted in the same way:',
      ...lines(summary.charged, cpuMicroseconds),
      'By function, its own time only:',
      ...lines(summary.functions, cpuMicroseconds),
    ].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}
