/** Measures noise: the CPU time that other programs use during a measurement. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './processes.ts';

/** Share of all cores that other programs may use in a measurement that counts as undisturbed. */
export const maxNoiseShare = 0.05;

/** Measures the noise from its construction on: the machine's busy time minus the CPU time of the bench's processes. */
export class NoiseMeter {
  readonly #begun = performance.now();
  readonly #busy = busySeconds();
  /** CPU seconds of this process and its descendants. */
  readonly #own = cpuSeconds(process.pid);

  /** @returns the share of all cores that other programs used since the construction, 0 to 1 */
  read(): number {
    const capacity = ((performance.now() - this.#begun) / 1000) * availableParallelism();
    const others = busySeconds() - this.#busy - (cpuSeconds(process.pid) - this.#own);
    return Math.max(0, others / capacity);
  }
}

/**
 * Waits until other programs use little CPU for half a second.
 * @param quietTimeoutSeconds how long to wait at most
 */
export async function waitForQuiet(quietTimeoutSeconds: number): Promise<void> {
  const deadline = performance.now() + quietTimeoutSeconds * 1000;
  for (;;) {
    const meter = new NoiseMeter();
    await sleep(500);
    if (meter.read() < maxNoiseShare || performance.now() > deadline) return;
  }
}

/** Seconds that the cores were busy since the machine started, including time that the hypervisor took. */
function busySeconds(): number {
  const [first = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / 100;
}
