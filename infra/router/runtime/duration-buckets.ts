/** Upper bounds of the buckets of histograms of functions (s): from an answer out of the cache to the longest time-out of Lambda. */
export const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 900,
];
