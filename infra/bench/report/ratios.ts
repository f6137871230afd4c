/** Turns measurements into ratios: each figure divided by that of the reference in the same round. */
import type { Comparison, Measurement } from '../compare.ts';
import { maxNoiseShare } from '../machine/noise.ts';
import { median, type Spread, spread } from './statistics.ts';

/** The ratios of one contender. */
export interface Ratios {
  contender: string;
  title: string;
  /** Requests per second as ratio. */
  throughput: Spread;
  /** Latency and CPU time per request as ratios, medians of the rounds. Above 1 is worse. */
  p50: number;
  p99: number;
  cpu: number;
  /** Medians of the rounds. */
  p50Milliseconds: number;
  p99Milliseconds: number;
  /** CPU time per request, median of the rounds. */
  cpuMicroseconds: number;
  errors: number;
  /** Rounds that other programs disturbed although the bench waited. */
  noisyRounds: number;
}

/** @returns the ratios of each contender that did not fail, in the workload's order; those of the reference are 1 */
export function ratiosOf({ workload, measurements, failedContenders }: Comparison): Ratios[] {
  const reference = workload.contenders[1].name;
  const rounds = [...new Set(measurements.map(({ round }) => round))];
  const measured = workload.contenders.filter((contender) => !failedContenders.includes(contender));
  return measured.map(({ name, title }) => {
    const pairs = rounds.flatMap((round) => {
      const own = find(measurements, name, round);
      const base = find(measurements, reference, round);
      return own && base ? [{ own, base }] : [];
    });
    const ratios = (read: (measurement: Measurement) => number) => pairs.map(({ own, base }) => read(own) / read(base));
    return {
      contender: name,
      title,
      throughput: spread(ratios(({ requestsPerSecond }) => requestsPerSecond)),
      p50: median(ratios(({ p50 }) => p50)),
      p99: median(ratios(({ p99 }) => p99)),
      cpu: median(ratios(({ cpu }) => cpu)),
      p50Milliseconds: median(pairs.map(({ own }) => own.p50)),
      p99Milliseconds: median(pairs.map(({ own }) => own.p99)),
      cpuMicroseconds: median(pairs.map(({ own }) => own.cpu)),
      errors: pairs.reduce((sum, { own }) => sum + own.errors, 0),
      noisyRounds: pairs.filter(({ own, base }) => Math.max(own.noise, base.noise) > maxNoiseShare).length,
    };
  });
}

function find(measurements: Measurement[], contender: string, round: number): Measurement | undefined {
  return measurements.find((each) => each.contender === contender && each.round === round);
}
