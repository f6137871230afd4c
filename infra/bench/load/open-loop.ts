/** Sends requests at a fixed mean rate, however slowly the server answers, as many independent clients would. */
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The answers of one phase. */
export interface OpenLoopResult {
  sent: number;
  accepted: number;
  /** Answers with 503 and Retry-After. */
  shed: number;
  /** Any other end of a request. */
  failed: number;
  /** Latency of accepted requests from the moment at which they were due (ms). */
  p50: number;
  p99: number;
}

/**
 * Sends requests at random times (a Poisson process).
 * @param rate requests a second
 */
export async function openLoop(url: string, rate: number, seconds: number): Promise<OpenLoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const latencies: number[] = [];
  const result = { sent: 0, accepted: 0, shed: 0, failed: 0 };
  const requests: Promise<void>[] = [];
  const begun = performance.now();
  let due = begun;
  for (;;) {
    due += (-Math.log(1 - Math.random()) * 1000) / rate;
    if (due > begun + seconds * 1000) break;
    const waitMs = due - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    result.sent++;
    requests.push(send(due));
  }
  await Promise.all(requests);
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
  return { ...result, p50: percentile(0.5), p99: percentile(0.99) };

  async function send(dueAt: number): Promise<void> {
    try {
      const [response] = await once(get(url, { agent }), 'response');
      response.resume();
      await once(response, 'end');
      if (response.statusCode === 200) {
        result.accepted++;
        latencies.push(performance.now() - dueAt);
      } else if (response.statusCode === 503 && response.headers['retry-after']) result.shed++;
      else result.failed++;
    } catch {
      result.failed++;
    }
  }
}
