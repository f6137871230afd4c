/** Measures the router's own cost, with a function that returns a body of 1 kB. */
import { checkEcho } from './answers.ts';
import { echo } from './contenders/cadastro.ts';
import { floor } from './contenders/floor.ts';
import { load } from './load/load.ts';
import { NoiseMeter, waitForQuiet } from './machine/noise.ts';
import { functionProcessPid, ownCpuSeconds, transferredBytes } from './machine/processes.ts';
import { median } from './report/statistics.ts';

/** The router's cost per request. All CPU times are in µs. */
export interface RouterCost {
  /** CPU time of the router's process. */
  router: number;
  /** CPU time of the function's process. */
  functionProcess: number;
  /** CPU time of a node:http server that returns the same body. */
  floor: number;
  /** Bytes between router and function in both directions, beyond the body. */
  bytes: number;
  /** Share of all cores that other programs used, 0 to 1. */
  noise: number;
}

interface Sample {
  router: number;
  functionProcess: number;
  bytes: number;
}

const bodyBytes = 1024;

/** Measures the router and a plain node:http server in turn. */
export async function measureRouterCost({
  rounds,
  seconds,
  connections,
  quietTimeoutSeconds,
}: {
  rounds: number;
  seconds: number;
  connections: number;
  quietTimeoutSeconds: number;
}): Promise<RouterCost> {
  const routed = await echo.start();
  const plain = await floor.start();
  const requests = { kind: 'echo', bytes: bodyBytes } as const;
  try {
    await checkEcho(echo.title, routed);
    await checkEcho(floor.title, plain);
    const environment = functionProcessPid('echo', routed.pid);
    for (const { url } of [routed, plain]) await load({ url, requests, connections, seconds: 3 });
    const noise = new NoiseMeter();
    const samples: Sample[] = [];
    const floors: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await waitForQuiet(quietTimeoutSeconds);
      const before = [ownCpuSeconds(routed.pid), ownCpuSeconds(environment), transferredBytes(environment)] as const;
      const result = await load({ url: routed.url, requests, connections, seconds });
      samples.push({
        router: ((ownCpuSeconds(routed.pid) - before[0]) / result.requestCount) * 1e6,
        functionProcess: ((ownCpuSeconds(environment) - before[1]) / result.requestCount) * 1e6,
        bytes: (transferredBytes(environment) - before[2]) / result.requestCount - 2 * bodyBytes,
      });
      const begun = ownCpuSeconds(plain.pid);
      const direct = await load({ url: plain.url, requests, connections, seconds });
      floors.push(((ownCpuSeconds(plain.pid) - begun) / direct.requestCount) * 1e6);
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
