/** What the router itself costs: a function that sends a text of 1 kB back, and the CPU and bytes that are not its own. */
import { checkEcho } from './answers.ts';
import { echo } from './contenders/cadastro.ts';
import { floor } from './contenders/floor.ts';
import { load } from './load/load.ts';
import { NoiseMeter, quiet } from './machine/noise.ts';
import { ownCpuSeconds, pidsOf, transferredBytes } from './machine/processes.ts';
import { median } from './report/statistics.ts';

export interface RouterCost {
  /** Microseconds of CPU a request. */
  router: number;
  functionProcess: number;
  /** A node:http server that does the same by itself. */
  floor: number;
  /** Bytes a request between router and function, both ways, beyond the body itself. */
  bytes: number;
  noise: number;
}

interface Sample {
  router: number;
  functionProcess: number;
  bytes: number;
}

const bodyBytes = 1024;

export async function measureRouterCost({
  rounds,
  seconds,
  connections,
  patience,
}: {
  rounds: number;
  seconds: number;
  connections: number;
  patience: number;
}): Promise<RouterCost> {
  const routed = await echo.start();
  const plain = await floor.start();
  const requests = { kind: 'echo', bytes: bodyBytes } as const;
  try {
    await checkEcho(echo.title, routed);
    await checkEcho(floor.title, plain);
    const [environment = 0] = pidsOf(routed.pid).filter((pid) => pid !== routed.pid);
    for (const { url } of [routed, plain]) await load({ url, requests, connections, seconds: 3 });
    const noise = new NoiseMeter();
    const samples: Sample[] = [];
    const floors: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await quiet(patience);
      const before = [ownCpuSeconds(routed.pid), ownCpuSeconds(environment), transferredBytes(environment)] as const;
      const result = await load({ url: routed.url, requests, connections, seconds });
      samples.push({
        router: ((ownCpuSeconds(routed.pid) - before[0]) / result.requests) * 1e6,
        functionProcess: ((ownCpuSeconds(environment) - before[1]) / result.requests) * 1e6,
        bytes: (transferredBytes(environment) - before[2]) / result.requests - 2 * bodyBytes,
      });
      const begun = ownCpuSeconds(plain.pid);
      const direct = await load({ url: plain.url, requests, connections, seconds });
      floors.push(((ownCpuSeconds(plain.pid) - begun) / direct.requests) * 1e6);
    }
    return {
      router: median(samples.map(({ router }) => router)),
      functionProcess: median(samples.map(({ functionProcess }) => functionProcess)),
      bytes: median(samples.map(({ bytes }) => bytes)),
      floor: median(floors),
      noise: noise.read(),
    };
  } finally {
    await Promise.all([routed.stop(), plain.stop()]);
  }
}
