/** Statistics of the rounds of a measurement. */

/** @returns the middle value, or the mean of the two middle values of an even number of values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/** Median and range of some values. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @returns median, lowest and highest value */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
