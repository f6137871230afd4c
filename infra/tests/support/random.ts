/** Random numbers that a seed repeats. Each part of a test draws from a stream of its own. */
import { createHash, randomInt } from 'node:crypto';

export interface Random {
  /** @returns a number from 0 up to, but not including, 1 */
  next(): number;
  /** @returns a whole number from `min` to `max`, both included */
  integer(min: number, max: number): number;
  /** @param share probability of true, 0 to 1 */
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** @returns one of the keys, with probabilities in proportion to the weights */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T;
}

/**
 * Makes a stream. The numbers of a stream do not depend on how many numbers other streams have given.
 * @param seed of the whole run
 * @param name of the stream; another name gives other numbers
 */
export function randomStream(seed: number, name: string): Random {
  let state = createHash('sha256').update(`${seed}:${name}`).digest().readInt32LE(0);
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (share) => next() < share,
    pick(items) {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
      const entries = Object.entries(weights) as [T, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new RangeError('no weights to choose by');
    },
  };
}

/** @returns a random seed */
export function anySeed(): number {
  return randomInt(1, 2 ** 31);
}
