/** Where the CPU goes: profiles of the router and of the function's process while one workload runs. */
import { cadastro } from '../contenders/cadastro.ts';
import { load, type Requests } from '../load/load.ts';
import { ownCpuSeconds, processOf } from '../machine/processes.ts';
import { fill } from '../users.ts';
import { profileWhile } from './inspector.ts';
import { type ProfileSummary, summarize } from './summary.ts';

export interface Profiled {
  process: string;
  /** Microseconds of the process's CPU a request, the profiler's own among them. */
  cpu: number;
  summary: ProfileSummary;
}

/** Which function answers a workload. */
const functionsOf: Record<string, string> = {
  'get-user': 'get-user',
  'list-users': 'list-users',
  health: 'health',
  'create-user': 'create-user',
  mixed: 'get-user',
};

export async function profile(
  workload: { name: string; requests: Requests; users: number },
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Profiled[]> {
  const { requests, users, name } = workload;
  const running = await cadastro.start();
  try {
    const { url, pid } = running;
    await fill(url, users);
    await load({ url, requests, connections, seconds: 3 });
    const functionName = functionsOf[name] ?? name;
    const environment = processOf(functionName, pid);
    const profiled: Profiled[] = [];
    for (const [process, id] of [
      ['router', pid],
      [functionName, environment],
    ] as const) {
      let cpu = 0;
      const taken = await profileWhile(id, async () => {
        const begun = ownCpuSeconds(id);
        const result = await load({ url, requests, connections, seconds });
        cpu = ((ownCpuSeconds(id) - begun) / result.requests) * 1e6;
      });
      profiled.push({ process, cpu, summary: summarize(taken) });
    }
    return profiled;
  } finally {
    await running.stop();
  }
}

const most = 30;

/** Ranked lists, in microseconds a request. */
export function profileText(title: string, profiled: readonly Profiled[]): string {
  const lines = (costs: ProfileSummary['functions'], cpu: number) =>
    costs
      .slice(0, most)
      .map(
        ({ place, share }) =>
          `${(share * cpu).toFixed(2).padStart(7)} µs ${(share * 100).toFixed(1).padStart(5)} %  ${place}`,
      );
  const parts = profiled.map(({ process, cpu, summary }) =>
    [
      `${title}: ${process}, busy ${(summary.busy * 100).toFixed(0)} % of the time, ${cpu.toFixed(0)} µs of CPU a request`,
      'By file or package, Node.js and system calls charged to their cause:',
      ...lines(summary.areas, cpu),
      'By function, in the same way:',
      ...lines(summary.charged, cpu),
      'By function itself:',
      ...lines(summary.functions, cpu),
    ].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}
