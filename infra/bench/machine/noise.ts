/** CPU that others use while we measure: the machine's busy time less our own processes'. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './processes.ts';

/** Share of all cores that others may use in a measurement that counts as quiet. */
export const noiseLimit = 0.05;

export class NoiseMeter {
  readonly #begun = performance.now();
  readonly #busy = busySeconds();
  readonly #own: number;

  /**
   * This process and all that it has started count as ours.
   * @param also others that count as ours
   */
  constructor() {
    this.#own = cpuSeconds(process.pid);
  }

  /** @returns the share of all cores that others have used since the meter was made */
  read(): number {
    const capacity = ((performance.now() - this.#begun) / 1000) * availableParallelism();
    const others = busySeconds() - this.#busy - (cpuSeconds(process.pid) - this.#own);
    return Math.max(0, others / capacity);
  }
}

/**
 * Waits until others leave the machine alone for a moment.
 * @param patience seconds; then it goes on all the same
 * @returns the share of all cores that others used last
 */
export async function quiet(patience: number): Promise<number> {
  const deadline = performance.now() + patience * 1000;
  for (;;) {
    const meter = new NoiseMeter();
    await sleep(500);
    const share = meter.read();
    if (share < noiseLimit || performance.now() > deadline) return share;
  }
}

/** Seconds that the cores were not idle, time stolen by the hypervisor included. */
function busySeconds(): number {
  const [first = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / 100;
}
