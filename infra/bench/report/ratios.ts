/** From measurements to ratios: each round's figures over those of the reference in the same round. */
import type { Comparison, Measurement } from '../compare.ts';
import { noiseLimit } from '../machine/noise.ts';
import { median, type Spread, spread } from './statistics.ts';

export interface Ratios {
  contender: string;
  title: string;
  /** Requests a second. */
  throughput: Spread;
  p50: number;
  p99: number;
  cpu: number;
  /** Milliseconds, median of the rounds. */
  p50Milliseconds: number;
  p99Milliseconds: number;
  /** Microseconds a request, median of the rounds. */
  cpuMicroseconds: number;
  errors: number;
  /** Rounds in which others used much of the machine although we waited. */
  noisyRounds: number;
}

/** One line a contender that stood the load, in the workload's order; the reference's ratios are all 1. */
export function ratiosOf({ workload, measurements, broken }: Comparison): Ratios[] {
  const reference = workload.contenders[1].name;
  const rounds = [...new Set(measurements.map(({ round }) => round))];
  const stood = workload.contenders.filter((contender) => !broken.includes(contender));
  return stood.map(({ name, title }) => {
    const pairs = rounds.flatMap((round) => {
      const own = find(measurements, name, round);
      const base = find(measurements, reference, round);
      return own && base ? [{ own, base }] : [];
    });
    const over = (read: (measurement: Measurement) => number) => pairs.map(({ own, base }) => read(own) / read(base));
    return {
      contender: name,
      title,
      throughput: spread(over(({ perSecond }) => perSecond)),
      p50: median(over(({ p50 }) => p50)),
      p99: median(over(({ p99 }) => p99)),
      cpu: median(over(({ cpu }) => cpu)),
      p50Milliseconds: median(pairs.map(({ own }) => own.p50)),
      p99Milliseconds: median(pairs.map(({ own }) => own.p99)),
      cpuMicroseconds: median(pairs.map(({ own }) => own.cpu)),
      errors: pairs.reduce((sum, { own }) => sum + own.errors, 0),
      noisyRounds: pairs.filter(({ own, base }) => Math.max(own.noise, base.noise) > noiseLimit).length,
    };
  });
}

function find(measurements: Measurement[], contender: string, round: number): Measurement | undefined {
  return measurements.find((each) => each.contender === contender && each.round === round);
}
