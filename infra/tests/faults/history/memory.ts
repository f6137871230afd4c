/** The memory that a run takes, from its samples. */

/** Memory at one moment (MB). */
export interface MemorySample {
  readonly router: number;
  /** The router and all function processes. */
  readonly all: number;
}

/** How much more memory than after the warm-up a run may take at its end. A leak of each request or fault takes far more. */
const allowedGrowth = 1.5;

/** @returns the medians after the warm-up, which is the first quarter, and at the end */
export function memoryLevels(samples: readonly MemorySample[]): { warm: MemorySample; end: MemorySample } {
  const quarter = Math.ceil(samples.length / 4);
  return { warm: medianOf(samples.slice(quarter, 2 * quarter)), end: medianOf(samples.slice(-quarter)) };
}

/** @returns what has grown beyond the allowed growth */
export function memoryGrowth(samples: readonly MemorySample[]): string[] {
  const { warm, end } = memoryLevels(samples);
  return (['router', 'all'] as const)
    .filter((part) => end[part] > warm[part] * allowedGrowth)
    .map((part) => `memory (${part}) grew from ${warm[part].toFixed(0)} to ${end[part].toFixed(0)} MB`);
}

function medianOf(samples: readonly MemorySample[]): MemorySample {
  const middle = (part: keyof MemorySample) => {
    const sorted = samples.map((sample) => sample[part]).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return { router: middle('router'), all: middle('all') };
}
