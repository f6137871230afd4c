/** Random numbers that a seed replays: every user of them has a stream of its own, by name. */
import { createHash, randomInt } from 'node:crypto';

export interface Random {
  /** From 0 up to 1, without 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** True that often: 0.25 is once in four. */
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of the keys, each as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T;
}

/**
 * @param seed of the whole run
 * @param name of the stream: what one stream draws does not shift what another one gets
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

/** @returns a seed that nobody has chosen */
export function anySeed(): number {
  return randomInt(1, 2 ** 31);
}
